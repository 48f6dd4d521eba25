import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeServer, tokens } from "@/test/server";
import { concerns, streamEvents } from "./events";
import { apiQuery } from "./query";
import { currentSession, signIn, signOut } from "./session";

class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readonly readyState = 1;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: string[] = [];

  constructor(
    readonly url: URL,
    readonly protocols: string[],
  ) {
    FakeSocket.all.push(this);
  }
  send(text: string) {
    this.sent.push(text);
  }
  close(code = 1000) {
    this.onclose?.({ code });
  }
  says(event: string, id: number) {
    this.onmessage?.({ data: JSON.stringify({ event, id, clinic_id: 1, at: "2026-04-15T10:00:00Z" }) });
  }
  static get last(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (!socket) throw new Error("nobody connected");
    return socket;
  }
}

let server: FakeServer;
let client: QueryClient;
let end: () => void;

beforeEach(async () => {
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
  server = new FakeServer().on("POST /api/auth/login", { body: tokens("t") });
  await signIn({ email: "a@b.c", password: "x" });
  client = new QueryClient();
  end = streamEvents(client);
  await vi.waitFor(() => expect(FakeSocket.all.length).toBe(1));
});

afterEach(() => end());

const board = apiQuery("/api/appointments").queryKey;
const isStale = () => client.getQueryState(board)?.isInvalidated;

describe("live events", () => {
  it("carry the token among the protocols and never in the address", () => {
    expect(FakeSocket.last.protocols).toEqual(["clinichub", "bearer.t"]);
    expect(FakeSocket.last.url.href).not.toContain("bearer");
  });

  it("make what they concern load again, and nothing else", async () => {
    client.setQueryData(board, {} as never);
    FakeSocket.last.says("ready", 5);
    FakeSocket.last.says("invoice.created", 6);
    await new Promise((resume) => setTimeout(resume, 150));
    expect(isStale()).toBe(false);
    FakeSocket.last.says("appointment.status_changed", 7);
    await vi.waitFor(() => expect(isStale()).toBe(true));
  });

  it("go on after the last one that is known", async () => {
    FakeSocket.last.says("ready", 5);
    FakeSocket.last.says("appointment.created", 9);
    FakeSocket.last.close(1006);
    await vi.waitFor(() => expect(FakeSocket.all.length).toBe(2), { timeout: 3_000 });
    expect(FakeSocket.last.url.searchParams.get("since")).toBe("9");
    FakeSocket.last.says("ready", 12);
    FakeSocket.last.close(1006);
    await vi.waitFor(() => expect(FakeSocket.all.length).toBe(3), { timeout: 3_000 });
    expect(FakeSocket.last.url.searchParams.get("since")).toBe("9");
  });

  it("that were lost make everything load again", async () => {
    client.setQueryData(board, {} as never);
    FakeSocket.last.says("resync", 9);
    await vi.waitFor(() => expect(isStale()).toBe(true));
  });

  it("go on with a new token when the old one ended", async () => {
    server.on("POST /api/auth/refresh", { body: tokens("next") });
    FakeSocket.last.close(4401);
    await vi.waitFor(() => expect(FakeSocket.all.length).toBe(2), { timeout: 3_000 });
    expect(FakeSocket.last.protocols[1]).toBe("bearer.next");
  });

  it("end with the session", async () => {
    const { last } = FakeSocket;
    await signOut();
    expect(currentSession().state).toBe("none");
    expect(last.onclose).not.toBeNull();
    await new Promise((resume) => setTimeout(resume, 700));
    expect(FakeSocket.all.length).toBe(1);
  });

  it("know what they are about", () => {
    expect(concerns("patient.updated")).toContain("/api/patients");
    expect(concerns("something.new")).toEqual([]);
  });
});
