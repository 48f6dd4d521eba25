import { onlineManager, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { FakeServer, tokens } from "@/test/server";
import { lost } from "./connection";
import { ApiProblem } from "./problem";
import { apiQuery, forgetWithSession, invalidate, makeQueryClient, SubmissionKeys, useApiMutation } from "./query";
import { signIn } from "./session";

const BOOK = "POST /api/appointments";

let server: FakeServer;

beforeEach(async () => {
  onlineManager.setOnline(true);
  server = new FakeServer().on("POST /api/auth/login", { body: tokens("t") }).on("GET /healthz", "no answer");
  await signIn({ email: "a@b.c", password: "x" });
});

function booking() {
  const client = makeQueryClient();
  const wrapper = ({ children }: { children: React.ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  return renderHook(() => useApiMutation("post", "/api/appointments"), { wrapper });
}

const body = {
  patient_id: 1,
  provider_user_id: 2,
  scheduled_start: "2026-04-15T13:00:00Z",
  scheduled_end: "2026-04-15T13:30:00Z",
};
const keysSent = () =>
  server.asked.filter(({ path }) => path === "/api/appointments").map(({ headers }) => headers.get("Idempotency-Key"));

describe("a write", () => {
  it("waits without a connection and is sent with the same key when it is back", async () => {
    server.on(BOOK, "no answer");
    const { result } = booking();
    act(() => result.current.mutate({ body }));
    await waitFor(() => expect(result.current.isPaused).toBe(true));
    expect(onlineManager.isOnline()).toBe(false);
    server.on(BOOK, { status: 201, body: { message: "", appointment: { appointment_id: 9 } } });
    act(() => onlineManager.setOnline(true));
    await waitFor(() => expect(result.current.isSuccess).toBe(true));
    const keys = keysSent();
    expect(keys.length).toBe(2);
    expect(new Set(keys).size).toBe(1);
  });

  it("that is sent twice by a nervous finger is one", async () => {
    server.on(BOOK, { status: 201, body: {} });
    const { result } = booking();
    act(() => {
      result.current.mutate({ body });
      result.current.mutate({ body });
    });
    await waitFor(() => expect(keysSent().length).toBe(2));
    expect(new Set(keysSent()).size).toBe(1);
  });

  it("says which version it is about, and who is wrong in which field", async () => {
    server.on("PUT /api/patients/1", {
      status: 412,
      body: { type: "/problems/stale", detail: "changed", errors: [{ field: "email", message: "no" }] },
    });
    const client = makeQueryClient();
    const wrapper = ({ children }: { children: React.ReactNode }) => (
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    );
    const { result } = renderHook(() => useApiMutation("put", "/api/patients/{patient_id}"), { wrapper });
    const refused = await result.current
      .mutateAsync({ params: { path: { patient_id: 1 } }, body: { first_name: "Ada" }, version: 7 })
      .catch((error: unknown) => error as ApiProblem);
    expect(server.asked.at(-1)?.headers.get("If-Match")).toBe('"v7"');
    expect(refused).toBeInstanceOf(ApiProblem);
    expect(refused).toMatchObject({ isStale: true, kind: "stale", fields: { email: "no" } });
  });
});

describe("submission keys", () => {
  it("last until the server has answered", () => {
    const keys = new SubmissionKeys();
    const first = keys.keyed({ body: { a: 1 } });
    expect(keys.keyed({ body: { a: 1 } }).key).toBe(first.key);
    expect(keys.keyed({ body: { a: 2 } }).key).not.toBe(first.key);
    keys.settle(first);
    expect(keys.keyed({ body: { a: 1 } }).key).not.toBe(first.key);
  });
});

describe("the cache", () => {
  it("is invalidated by path, and not by what only looks alike", async () => {
    const client = makeQueryClient();
    const list = apiQuery("/api/patients").queryKey;
    const one = apiQuery("/api/patients/{patient_id}", { path: { patient_id: 1 } }).queryKey;
    const other = apiQuery("/api/clinics").queryKey;
    for (const key of [list, one, other]) client.setQueryData(key, {} as never);
    await invalidate(client, ["/api/patients"]);
    expect([list, one, other].map((key) => client.getQueryState(key)?.isInvalidated)).toEqual([true, true, false]);
  });

  it("is forgotten when somebody else signs in", async () => {
    const client = makeQueryClient();
    forgetWithSession(client);
    client.setQueryData(["/api/patients", {}], { patients: [] });
    server.on("POST /api/auth/login", { body: tokens("u", { user_id: 2 }) });
    await signIn({ email: "b@b.c", password: "x" });
    expect(client.getQueryData(["/api/patients", {}])).toBeUndefined();
  });
});

describe("a connection that is lost", () => {
  it("is noticed again by asking", async () => {
    lost();
    expect(onlineManager.isOnline()).toBe(false);
    server.on("GET /healthz", { body: { status: "ok" } });
    await waitFor(() => expect(onlineManager.isOnline()).toBe(true), { timeout: 5_000 });
  });
});
