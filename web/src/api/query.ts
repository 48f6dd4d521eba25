/**
 * The query cache over the client. A key is `[path, params]`, so that whatever shows something of `/api/patients` can be
 * invalidated by that path without anyone keeping a list of keys.
 */
import {
  keepPreviousData,
  MutationCache,
  QueryCache,
  QueryClient,
  queryOptions,
  type UseMutationOptions,
  type UseQueryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import type { PathsWithMethod, SuccessResponseJSON } from "openapi-typescript-helpers";
import { useRef } from "react";
import { api } from "./client";
import { ApiProblem, isPassing, NoConnection } from "./problem";
import type { paths } from "./schema";

type Method = "get" | "post" | "put" | "patch" | "delete";
type GetPath = PathsWithMethod<paths, "get">;

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
const SEND: Record<Method, Send> = {
  get: api.GET as unknown as Send,
  post: api.POST as unknown as Send,
  put: api.PUT as unknown as Send,
  patch: api.PATCH as unknown as Send,
  delete: api.DELETE as unknown as Send,
};

/** How often a read is tried again when there is no answer; while offline it waits instead. */
const MOST_TRIES = 3;

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache(),
    mutationCache: new MutationCache(),
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        gcTime: 10 * 60_000,
        retry: (failures, error) => isPassing(error) && failures < MOST_TRIES,
        retryDelay: delay,
        refetchOnWindowFocus: true,
      },
      mutations: {
        // What a person has sent is kept until there is an answer: the idempotency key makes trying again harmless.
        retry: (failures, error) => error instanceof NoConnection || (isPassing(error) && failures < MOST_TRIES),
        retryDelay: delay,
      },
    },
  });
}

function delay(failures: number, error: unknown): number {
  if (error instanceof ApiProblem && error.retryAfter !== null) return error.retryAfter * 1000;
  return Math.min(500 * 2 ** failures, 8_000);
}

/** Options of a read, for `useQuery`, `ensureQueryData`, `prefetchQuery`. */
export function apiQuery<P extends GetPath>(path: P, params: ParamsOf<P> = {} as ParamsOf<P>) {
  return queryOptions({
    queryKey: [path, params] as const,
    queryFn: async ({ signal }) => (await SEND.get(path, { params, signal })).data as Answer<P>,
  });
}

type QueryExtras<T> = Omit<UseQueryOptions<T, Error, T>, "queryKey" | "queryFn">;

/** Reads. What was shown before stays until the new answer is there. */
export function useApiQuery<P extends GetPath>(path: P, params?: ParamsOf<P>, extras?: QueryExtras<Answer<P>>) {
  const { queryKey, queryFn } = apiQuery(path, params);
  return useQuery<Answer<P>, Error, Answer<P>>({
    placeholderData: keepPreviousData as never,
    ...extras,
    queryKey,
    queryFn: queryFn as never,
  });
}

/** What one writes: parameters, body, and the version that was read, which becomes `If-Match`. */
export interface Write<P extends keyof paths, M extends Method> {
  params?: ParamsOf<P, M>;
  body?: BodyOf<P, M>;
  version?: number | null;
}

type Submission<P extends keyof paths, M extends Method> = Write<P, M> & { key: string };

export interface MutationExtras<P extends keyof paths, M extends Method, Context>
  extends Omit<UseMutationOptions<Answer<P, M>, Error, Submission<P, M>, Context>, "mutationFn"> {
  /** Paths whose reads are out of date after this write. */
  invalidates?: readonly string[];
}

/**
 * Writes. The same submission keeps its idempotency key until the server has said yes or no, however often it is sent.
 */
export function useApiMutation<
  M extends Exclude<Method, "get">,
  P extends PathsWithMethod<paths, M>,
  Context = unknown,
>(method: M, path: P, { invalidates = [], ...extras }: MutationExtras<P, M, Context> = {}) {
  const client = useQueryClient();
  const keys = useRef(new SubmissionKeys());
  const mutation = useMutation<Answer<P, M>, Error, Submission<P, M>, Context>({
    ...extras,
    mutationFn: (submission) => write(method, path, submission),
    onSettled: async (...settled) => {
      const [, error, submission] = settled;
      if (error === null || error instanceof ApiProblem) keys.current.settle(submission);
      await extras.onSettled?.(...settled);
    },
    onSuccess: async (...done) => {
      void invalidate(client, invalidates);
      await extras.onSuccess?.(...done);
    },
  });
  return {
    ...mutation,
    mutate: (submission: Write<P, M>, options?: Parameters<typeof mutation.mutate>[1]) =>
      mutation.mutate(keys.current.keyed(submission), options),
    mutateAsync: (submission: Write<P, M>) => mutation.mutateAsync(keys.current.keyed(submission)),
  };
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

/** Which key each submission goes by. */
export class SubmissionKeys {
  readonly #keys = new Map<string, string>();

  keyed<T extends object>(submission: T): T & { key: string } {
    const what = JSON.stringify(submission);
    const key = this.#keys.get(what) ?? crypto.randomUUID();
    this.#keys.set(what, key);
    return { ...submission, key };
  }

  /** The server has answered: the next one that looks the same is another. */
  settle({ key: _, ...submission }: { key: string }): void {
    this.#keys.delete(JSON.stringify(submission));
  }
}

/** Makes every read under these paths load again; what is on the screen at once, the rest when it is shown. */
export function invalidate(client: QueryClient, prefixes: readonly string[]): Promise<void> {
  if (prefixes.length === 0) return Promise.resolve();
  return client.invalidateQueries({
    predicate: ({ queryKey: [path] }) => typeof path === "string" && prefixes.some((prefix) => isUnder(path, prefix)),
  });
}

function isUnder(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}
