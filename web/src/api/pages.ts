/** Long lists, read on from where one page ended. Apart from the other reads, so that the first page needn't load what it takes. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { type Answer, type GetPath, type ParamsOf, SEND } from "./operations";

/** Reads a long list page after page, each from where the one before ended: the answer's `next` is the following one's `before`. */
export function useApiPages<P extends GetPath>(path: P, params: ParamsOf<P>) {
  return useInfiniteQuery({
    queryKey: [path, params, "pages"] as const,
    queryFn: async ({ pageParam, signal }) => {
      const { query, ...rest } = params as { query?: object };
      const page = { ...rest, query: { ...query, ...(pageParam ? { before: pageParam } : {}) } };
      return (await SEND.get(path, { params: page, signal })).data as Answer<P>;
    },
    initialPageParam: "",
    getNextPageParam: (page) => (page as { next?: string | null }).next ?? undefined,
  });
}
