/**
 * One clock for everything that runs on the screen, set by the server's. A component says what it reads off the clock and is drawn
 * again only when that has changed: a board of a hundred cards is not drawn every few seconds.
 */
import { useCallback, useRef, useSyncExternalStore } from "react";

const EVERY = 5_000;
/** A difference as small as this is the time that the answer took. */
const TOLERANCE = 2_000;

const listeners = new Set<() => void>();
let ahead = 0;
let timer: ReturnType<typeof setInterval> | undefined;

const tick = () => {
  for (const listener of listeners) listener();
};

/** What time it is at the clinic's server, in milliseconds. */
export const now = (): number => Date.now() + ahead;

/** Sets the clock by an answer that came just now. */
export function setBy(serverTime: string, receivedAt = Date.now()): void {
  const difference = Date.parse(serverTime) - receivedAt;
  if (Number.isNaN(difference)) return;
  const next = Math.abs(difference) < TOLERANCE ? 0 : difference;
  if (Math.abs(next - ahead) < TOLERANCE) return;
  ahead = next;
  tick();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    timer = setInterval(tick, EVERY);
    document.addEventListener("visibilitychange", tick);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    document.removeEventListener("visibilitychange", tick);
  };
}

/** What `look` reads off the clock. */
export function useTicking<T extends string | number | boolean>(look: (now: number) => T): T {
  const latest = useRef(look);
  latest.current = look;
  const snapshot = useCallback(() => latest.current(now()), []);
  return useSyncExternalStore(subscribe, snapshot);
}
