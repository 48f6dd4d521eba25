/** One operation of the API, typed by its method and path: what it takes, what it answers, and how it is sent. */
import type { PathsWithMethod, SuccessResponseJSON } from "openapi-typescript-helpers";
import { api } from "./client";
import type { paths } from "./schema";

export type Method = "get" | "post" | "put" | "patch" | "delete";
export type GetPath = PathsWithMethod<paths, "get">;

/** What an operation answers with. */
export type Answer<P extends keyof paths, M extends Method = "get"> =
  paths[P][M] extends Record<string | number, unknown> ? SuccessResponseJSON<paths[P][M]> : never;

/** `{ path?, query? }` of an operation. */
export type ParamsOf<P extends keyof paths, M extends Method = "get"> = paths[P][M] extends { parameters: infer All }
  ? Omit<All, "header" | "cookie">
  : never;

/** The JSON body of an operation. */
export type BodyOf<P extends keyof paths, M extends Method> = paths[P][M] extends {
  requestBody?: infer Body;
}
  ? NonNullable<Body> extends { content: { "application/json": infer Json } }
    ? Json
    : undefined
  : undefined;

type Send = (path: string, init: Record<string, unknown>) => Promise<{ data?: unknown }>;
export const SEND: Record<Method, Send> = {
  get: api.GET as unknown as Send,
  post: api.POST as unknown as Send,
  put: api.PUT as unknown as Send,
  patch: api.PATCH as unknown as Send,
  delete: api.DELETE as unknown as Send,
};

/** What one writes: parameters, body, and the version that was read, which becomes `If-Match`. */
export interface Write<P extends keyof paths, M extends Method> {
  params?: ParamsOf<P, M>;
  body?: BodyOf<P, M>;
  version?: number | null;
}

/** One write, outside of a component. */
export async function write<M extends Exclude<Method, "get">, P extends PathsWithMethod<paths, M>>(
  method: M,
  path: P,
  { params, body, version, key }: Write<P, M> & { key?: string },
): Promise<Answer<P, M>> {
  const headers: Record<string, string> = {};
  if (method === "post") headers["Idempotency-Key"] = key ?? crypto.randomUUID();
  if (version !== undefined && version !== null) headers["If-Match"] = `"v${version}"`;
  const { data } = await SEND[method](path, { params: params ?? {}, body, headers });
  return data as Answer<P, M>;
}
