/**
 * The notes of a visit, saved as one types: a moment after the last key, when one leaves the field or the page, and again when the connection
 * is back. Of two who write, the second is shown what the first one wrote.
 */
import { useCallback, useEffect, useRef, useState } from "react";
import { write } from "@/api/operations";
import { ApiProblem, isPassing } from "@/api/problem";
import type { Visit } from "@/ui/clinical/types";
import { changedParts, changeOf, type Notes, notesOf, type Part, rebase } from "./notes";
import type { VisitChanges } from "./useVisit";

const PAUSE = 700;
const AGAIN = 4_000;

export type Saving =
  | { state: "saved"; at: Date | null }
  | { state: "dirty" | "saving" | "away" | "torn" }
  | { state: "failed"; problem: unknown };

/** What somebody else stored in parts that one has changed too. */
export interface Torn {
  theirs: Notes;
  parts: Part[];
  by: string;
  /** The version that is decided upon. */
  version: number;
}

export function useNotes(visit: Visit, { send, reload, latest }: VisitChanges) {
  const [notes, setNotes] = useState(() => notesOf(visit));
  const [saving, setSaving] = useState<Saving>({ state: "saved", at: null });
  const [torn, setTorn] = useState<Torn | null>(null);
  /** What is typed, and what is stored as far as it has been taken into account, with its version. */
  const typed = useRef(notes);
  const base = useRef({ notes: notesOf(visit), version: visit.version });
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const isTorn = useRef(false);

  const put = useCallback((next: Notes) => {
    typed.current = next;
    setNotes(next);
  }, []);

  /** Takes what is stored into account; false where a person must decide. */
  const meet = useCallback(
    (stored: Visit): boolean => {
      if (stored.version <= base.current.version) return true;
      const theirs = notesOf(stored);
      const { merged, torn: parts } = rebase(base.current.notes, typed.current, theirs);
      if (parts.length > 0) {
        const by = stored.updated_by ? `${stored.updated_by.first_name} ${stored.updated_by.last_name}` : "";
        isTorn.current = true;
        put(merged);
        setTorn({ theirs, parts, by, version: stored.version });
        setSaving({ state: "torn" });
        return false;
      }
      base.current = { notes: theirs, version: stored.version };
      if (changedParts(typed.current, merged).length > 0) put(merged);
      return true;
    },
    [put],
  );

  const store = useCallback(async (): Promise<boolean> => {
    clearTimeout(timer.current);
    if (isTorn.current) return false;
    const sent = typed.current;
    if (changedParts(base.current.notes, sent).length === 0) {
      // Nothing to send: it was taken back, or the other's was chosen.
      setSaving((before) => (before.state === "saved" ? before : { state: "saved", at: new Date() }));
      return true;
    }
    setSaving({ state: "saving" });
    const params = { path: { visit_id: visit.visit_id } };
    try {
      const stored = await send((version) => {
        // Whatever one changed meanwhile of the rest of the visit has made a new version; others' notes are met before.
        const known = latest();
        if (known && !meet(known)) throw new TornNotes();
        const body = changeOf(base.current.notes, typed.current);
        return write("put", "/api/visits/{visit_id}", {
          params,
          body,
          version: Math.min(version, base.current.version),
        });
      });
      base.current = { notes: notesOf(stored), version: stored.version };
    } catch (error) {
      if (error instanceof TornNotes) return false;
      if (error instanceof ApiProblem && error.isStale) {
        const now = await reload().catch(() => null);
        if (now && !meet(now)) return false;
        return now ? store() : false;
      }
      if (isPassing(error)) {
        setSaving({ state: "away" });
        timer.current = setTimeout(() => void store(), AGAIN);
      } else setSaving({ state: "failed", problem: error });
      return false;
    }
    const isDone = changedParts(base.current.notes, trimmed(typed.current)).length === 0;
    if (isDone) setSaving({ state: "saved", at: new Date() });
    return isDone || store();
  }, [visit.visit_id, send, reload, latest, meet]);

  const change = useCallback(
    (next: Notes) => {
      put(next);
      if (isTorn.current) return;
      setSaving({ state: "dirty" });
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void store(), PAUSE);
    },
    [put, store],
  );

  /** What was chosen where both had written. A third one's writing is met again. */
  const decide = useCallback(
    (chosen: Notes) => {
      if (torn === null) return;
      isTorn.current = false;
      setTorn(null);
      base.current = { notes: torn.theirs, version: torn.version };
      put(chosen);
      void store();
    },
    [torn, put, store],
  );

  // What others write appears while one looks on.
  useEffect(() => {
    if (!isTorn.current) meet(visit);
  }, [visit, meet]);

  useEffect(() => {
    const isUnsaved = () => changedParts(base.current.notes, trimmed(typed.current)).length > 0;
    const leave = (event: BeforeUnloadEvent) => {
      if (isUnsaved()) event.preventDefault();
    };
    const flush = () => void store();
    window.addEventListener("beforeunload", leave);
    window.addEventListener("online", flush);
    document.addEventListener("visibilitychange", flush);
    return () => {
      window.removeEventListener("beforeunload", leave);
      window.removeEventListener("online", flush);
      document.removeEventListener("visibilitychange", flush);
      flush();
    };
  }, [store]);

  /** What is typed and can't be stored any more: somebody completed the visit. */
  const orphan = visit.status === "completed" ? changedParts(notesOf(visit), trimmed(notes)) : [];
  return { notes, change, store, saving, torn, decide, orphan };
}

/** The server stores an emptied part as none. */
const trimmed = (notes: Notes): Notes =>
  Object.fromEntries(Object.entries(notes).map(([part, text]) => [part, text.trim() === "" ? "" : text])) as Notes;

class TornNotes extends Error {}
