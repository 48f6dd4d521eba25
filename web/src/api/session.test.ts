import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeServer, tokens } from "@/test/server";

const PATIENT = "GET /api/patients/1";
const REFRESH = "POST /api/auth/refresh";
const bearer = (headers: Headers) => headers.get("Authorization");

/** A tab that was just opened. */
async function tab() {
  vi.resetModules();
  return { session: await import("./session"), client: await import("./client"), problem: await import("./problem") };
}

let server: FakeServer;
const patient = { params: { path: { patient_id: 1 } } };

beforeEach(() => {
  localStorage.clear();
  server = new FakeServer();
  server.on("POST /api/auth/login", { body: tokens("first") });
  server.on(PATIENT, ({ headers }) =>
    bearer(headers) === "Bearer second" ? { body: { patient_id: 1 } } : { status: 401 },
  );
});

describe("a token that no longer holds", () => {
  it("is replaced once for all who wait, and their requests go on", async () => {
    const { session, client } = await tab();
    server.on(REFRESH, { body: tokens("second") });
    await session.signIn({ email: "a@b.c", password: "x" });
    const answers = await Promise.all([1, 2, 3].map(() => client.api.GET("/api/patients/{patient_id}", patient)));
    expect(answers.map(({ data }) => data?.patient_id)).toEqual([1, 1, 1]);
    expect(server.count(REFRESH)).toBe(1);
  });

  it("is renewed before it ends", async () => {
    const { session, client } = await tab();
    server
      .on("POST /api/auth/login", { body: { ...tokens("first"), expires_in: 5 } })
      .on(REFRESH, { body: tokens("second") });
    await session.signIn({ email: "a@b.c", password: "x" });
    await client.api.GET("/api/patients/{patient_id}", patient);
    expect([server.count(PATIENT), server.count(REFRESH)]).toEqual([1, 1]);
  });
});

describe("a session that ended", () => {
  it("holds requests until somebody has signed in again", async () => {
    const { session, client } = await tab();
    server.on(REFRESH, { status: 401 });
    await session.signIn({ email: "a@b.c", password: "x" });
    const waiting = client.api.GET("/api/patients/{patient_id}", patient);
    await vi.waitFor(() => expect(session.currentSession().state).toBe("expired"));
    expect(session.currentUser()?.first_name).toBe("Ada");
    server.on("POST /api/auth/login", { body: tokens("second") });
    await session.signIn({ email: "a@b.c", password: "x" });
    expect((await waiting).data?.patient_id).toBe(1);
  });

  it("lets them go when the person gives up", async () => {
    const { session, client, problem } = await tab();
    server.on(REFRESH, { status: 401 });
    await session.signIn({ email: "a@b.c", password: "x" });
    const waiting = client.api.GET("/api/patients/{patient_id}", patient).catch((error: unknown) => error);
    await vi.waitFor(() => expect(session.currentSession().state).toBe("expired"));
    await session.signOut();
    expect(await waiting).toBeInstanceOf(problem.ApiProblem);
    expect(session.currentSession().state).toBe("none");
  });

  it("is not taken for one when the server is away", async () => {
    const { session, client, problem } = await tab();
    server.on(REFRESH, "no answer");
    await session.signIn({ email: "a@b.c", password: "x" });
    const refused = await client.api.GET("/api/patients/{patient_id}", patient).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(problem.NoConnection);
    expect(session.currentSession().state).toBe("open");
  });
});

describe("arriving", () => {
  it("asks nothing for somebody who was never here", async () => {
    const { session } = await tab();
    expect((await session.resume()).state).toBe("none");
    expect(server.asked).toEqual([]);
  });

  it("goes on with the session of an earlier visit", async () => {
    const before = await tab();
    await before.session.signIn({ email: "a@b.c", password: "x" });
    const { session } = await tab();
    server.on(REFRESH, { body: tokens("second") });
    expect((await session.resume()).state).toBe("open");
  });

  it("says who it is to whoever asks for a refresh, so that the cookie counts", async () => {
    localStorage.setItem("clinichub.session", "1");
    const { session } = await tab();
    server.on(REFRESH, { status: 401 });
    expect((await session.resume()).state).toBe("none");
    expect(server.asked[0]?.headers.get("X-ClinicHub-Client")).toBe("web");
    expect(localStorage.getItem("clinichub.session")).toBeNull();
  });
});

describe("tabs", () => {
  it("tell each other who is signed in", async () => {
    const one = await tab();
    const other = await tab();
    await one.session.signIn({ email: "a@b.c", password: "x" });
    await vi.waitFor(() => expect(other.session.currentUser()?.user_id).toBe(1));
    await one.session.signOut();
    await vi.waitFor(() => expect(other.session.currentSession().state).toBe("none"));
  });
});
