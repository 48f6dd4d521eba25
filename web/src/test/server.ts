/** A server of a few lines for unit tests: answers `fetch` by method and path, and remembers what was asked. */
import { vi } from "vitest";

export interface Asked {
  method: string;
  path: string;
  headers: Headers;
  body: unknown;
}

type Reply = { status?: number; body?: unknown; headers?: Record<string, string> } | "no answer";
type Handler = (asked: Asked) => Reply | Promise<Reply>;

export class FakeServer {
  readonly asked: Asked[] = [];
  readonly #handlers = new Map<string, Handler>();

  constructor() {
    vi.stubGlobal("fetch", (input: Request | string | URL, init?: RequestInit) =>
      this.#answer(
        new Request(
          new URL(input instanceof Request ? input.url : input, location.href),
          input instanceof Request ? input : init,
        ),
      ),
    );
  }

  /** How `GET /api/patients` is answered from now on. */
  on(operation: string, handler: Handler | Reply): this {
    this.#handlers.set(operation, typeof handler === "function" ? handler : () => handler);
    return this;
  }

  /** How often an operation was asked for. */
  count(operation: string): number {
    return this.asked.filter(({ method, path }) => `${method} ${path}` === operation).length;
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const text = await request.text();
    const asked = {
      method: request.method,
      path: pathname,
      headers: request.headers,
      body: text ? JSON.parse(text) : undefined,
    };
    this.asked.push(asked);
    const reply = await (this.#handlers.get(`${asked.method} ${asked.path}`)?.(asked) ?? { status: 404, body: {} });
    if (reply === "no answer") throw new TypeError("Failed to fetch");
    const { status = 200, body = {}, headers = {} } = reply;
    return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
  }
}

/** What a sign-in answers. */
export function tokens(access_token: string, user: Record<string, unknown> = {}) {
  const someone = {
    user_id: 1,
    first_name: "Ada",
    last_name: "Marín",
    role: "doctor",
    clinic_id: 1,
    clinics: [],
    permissions: [],
    version: 1,
  };
  return { message: "", token_type: "Bearer", expires_in: 900, access_token, user: { ...someone, ...user } };
}
