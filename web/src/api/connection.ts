/**
 * Whether the server can be reached. A request without an answer says that it can't; from then on one small request asks
 * again and again, and everything else waits: queries and mutations are paused by the query library while this says offline.
 */
import { onlineManager } from "@tanstack/react-query";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8_000;

let probing: AbortController | null = null;

/** Tells the query library what we know, instead of what the browser guesses. Returns what undoes it. */
export function watchConnection(): () => void {
  const away = () => lost();
  const back = () => {
    probing?.abort();
    probing = null;
    void probe();
  };
  onlineManager.setEventListener(() => undefined);
  window.addEventListener("offline", away);
  window.addEventListener("online", back);
  return () => {
    window.removeEventListener("offline", away);
    window.removeEventListener("online", back);
    probing?.abort();
    probing = null;
  };
}

/** A request got no answer. */
export function lost(): void {
  onlineManager.setOnline(false);
  if (probing === null) void probe();
}

/** An answer came. */
export function reached(): void {
  if (onlineManager.isOnline()) return;
  probing?.abort();
  probing = null;
  onlineManager.setOnline(true);
}

async function probe(): Promise<void> {
  const mine = new AbortController();
  probing = mine;
  for (let wait = FIRST_WAIT; !mine.signal.aborted; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    await new Promise((resume) => setTimeout(resume, wait));
    const answer = await fetch("/healthz", { cache: "no-store", signal: mine.signal }).catch(() => null);
    if (answer?.ok && !mine.signal.aborted) return reached();
  }
}
