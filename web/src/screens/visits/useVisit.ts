/**
 * A visit and every change of it. Changes are sent one after the other, so that one's own never meet each other; each is based on the version
 * that was read last. What others changed arrives by the live events.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { ApiProblem } from "@/api/problem";
import { apiQuery, useApiQuery } from "@/api/query";
import type { Visit } from "@/ui/clinical/types";

const PATH = "/api/visits/{visit_id}";

export interface VisitChanges {
  /** What was read or written last. */
  latest: () => Visit | undefined;
  /** Sends a change upon `version`, or upon the last one, and shows its answer. */
  send: (change: (version: number) => Promise<{ visit: Visit }>, version?: number) => Promise<Visit>;
  /** Reads the visit anew. */
  reload: () => Promise<Visit>;
}

export function useVisit(id: number) {
  const client = useQueryClient();
  const query = useApiQuery(PATH, { path: { visit_id: id } }, { placeholderData: undefined });
  const latest = useRef<Visit | undefined>(undefined);
  const queue = useRef<Promise<unknown>>(Promise.resolve());
  useEffect(() => {
    const read = query.data;
    // An answer that was on its way while a change was stored is older than the change.
    if (read && (latest.current?.visit_id !== id || read.version >= latest.current.version)) latest.current = read;
  }, [query.data, id]);

  const show = useCallback(
    (visit: Visit) => {
      latest.current = visit;
      client.setQueryData(apiQuery(PATH, { path: { visit_id: id } }).queryKey, visit);
      return visit;
    },
    [client, id],
  );
  const reload = useCallback(
    async () => show(await client.fetchQuery({ ...apiQuery(PATH, { path: { visit_id: id } }), staleTime: 0 })),
    [client, id, show],
  );
  const send = useCallback<VisitChanges["send"]>(
    (change, version) => {
      const work = async () => {
        const known = version ?? latest.current?.version ?? (await reload()).version;
        try {
          const { visit } = await change(known);
          return show(visit);
        } catch (error) {
          if (error instanceof ApiProblem && error.isStale) await reload();
          throw error;
        }
      };
      const next = queue.current.then(work, work);
      queue.current = next.catch(() => undefined);
      return next;
    },
    [reload, show],
  );
  const changes = useMemo<VisitChanges>(() => ({ latest: () => latest.current, send, reload }), [send, reload]);
  return { query, changes };
}
