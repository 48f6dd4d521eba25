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
import type { PathsWithMethod } from "openapi-typescript-helpers";
import { useRef } from "react";
import { type Answer, type GetPath, type Method, type ParamsOf, SEND, type Write, write } from "./operations";
import { ApiProblem, isPassing, NoConnection } from "./problem";
import type { paths } from "./schema";
import { currentSession, onSession, seatOf } from "./session";

/** How often a read is tried again when there is no answer; while offline it waits instead. */
const MOST_TRIES = 3;

export type { Answer, BodyOf, ParamsOf, Write } from "./operations";
export { write } from "./operations";

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

/** Forgets everything when somebody else sits down, before any component is told. */
export function forgetWithSession(client: QueryClient): void {
  let seat = seatOf(currentSession());
  onSession(() => {
    const next = seatOf(currentSession());
    if (seat !== null && next !== seat) client.clear();
    seat = next;
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
