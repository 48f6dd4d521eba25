/** What the API says when it refuses (RFC 9457), and what the network says when there is no answer. */
import type { components } from "./schema";

export type ProblemBody = components["schemas"]["Problem"];

/** The API refused. `fields` holds the sentence for each refused field of the body. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly status: number;
  readonly kind: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** Seconds to wait, where the answer says so. */
  readonly retryAfter: number | null;

  constructor(status: number, body: Partial<ProblemBody>, retryAfter: number | null = null) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
    this.status = status;
    this.kind = body.type?.replace(/^\/problems\//, "") ?? "";
    this.fields = Object.fromEntries((body.errors ?? []).map(({ field, message }) => [field, message]));
    this.body = body;
    this.retryAfter = retryAfter;
  }

  /** What to quote to support. */
  get requestId(): string | null {
    return typeof this.body.request_id === "string" ? this.body.request_id : null;
  }

  /** The record was changed by someone else since it was read. */
  get isStale(): boolean {
    return this.status === 412;
  }
}

/** No answer came: the request may or may not have arrived. */
export class NoConnection extends Error {
  override readonly name = "NoConnection";
  constructor(cause: unknown) {
    super("No connection", { cause });
  }
}

/** The problem in an answer that is not a success. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const seconds = Number(response.headers.get("Retry-After"));
  const retryAfter = response.headers.has("Retry-After") && Number.isFinite(seconds) ? seconds : null;
  const body: unknown = await response.json().catch(() => ({}));
  return new ApiProblem(response.status, isObject(body) ? body : {}, retryAfter);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Whether asking again may help: there was no answer, or the server said that it can't just now. */
export function isPassing(error: unknown): boolean {
  return error instanceof NoConnection || (error instanceof ApiProblem && error.status === 503);
}
