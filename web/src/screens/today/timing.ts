/** How long somebody has been waiting, is late, or takes longer than planned. Pure; times in milliseconds, lengths in whole minutes. */
import { isInHouse, type Status } from "./lanes";

export interface Timed {
  status: Status;
  status_changed_at: string;
  scheduled_start: string;
  scheduled_end: string;
}

/** 0 is as it should be, 1 wants a look, 2 wants somebody to act. */
export type Level = 0 | 1 | 2;

export interface Reading {
  /**
   * `due`: begins in `minutes`; `late`: should have come so long ago; `waits`: in the waiting room since; `busy`: in this state since;
   * `over`: the same, and `over` minutes beyond the planned end; `forgotten`: its day is over and nobody closed it.
   */
  is: "due" | "late" | "waits" | "busy" | "over" | "forgotten" | "none";
  minutes: number;
  over: number;
  level: Level;
}

const MINUTE = 60_000;
/** Longer ago than this, an open appointment was forgotten and nobody is waiting. */
const FORGOTTEN = 12 * 60;
/** Minutes from which something stands out, and from which it does so strongly. */
const LATE = [5, 15] as const;
const LONG_WAIT = [15, 30] as const;
const OVERRUN = [1, 15] as const;
/** What begins sooner is announced. */
const SOON = 60;

const NONE: Reading = { is: "none", minutes: 0, over: 0, level: 0 };

const since = (instant: string, now: number): number => Math.floor((now - Date.parse(instant)) / MINUTE);
const levelOf = (minutes: number, [first, second]: readonly [number, number]): Level =>
  minutes >= second ? 2 : minutes >= first ? 1 : 0;

export function read(appointment: Timed, now: number): Reading {
  const { status, scheduled_end } = appointment;
  const isOpen = isInHouse(status) || status === "scheduled" || status === "confirmed";
  if (!isOpen) return NONE;
  if (since(scheduled_end, now) > FORGOTTEN) return { ...NONE, is: "forgotten", level: 1 };
  if (status === "waiting") return waiting(appointment, now);
  return isInHouse(status) ? seen(appointment, now) : expected(appointment, now);
}

function expected({ scheduled_start }: Timed, now: number): Reading {
  const late = since(scheduled_start, now);
  if (late >= 1) return { ...NONE, is: "late", minutes: late, level: levelOf(late, LATE) };
  const minutes = Math.max(0, -late);
  return minutes <= SOON ? { ...NONE, is: "due", minutes } : NONE;
}

/** Who came early isn't kept waiting before their time. */
function waiting({ status_changed_at, scheduled_start }: Timed, now: number): Reading {
  const minutes = Math.max(0, since(status_changed_at, now));
  const kept = Math.min(minutes, since(scheduled_start, now));
  return { ...NONE, is: "waits", minutes, level: levelOf(kept, LONG_WAIT) };
}

function seen({ status_changed_at, scheduled_end }: Timed, now: number): Reading {
  const minutes = Math.max(0, since(status_changed_at, now));
  const over = since(scheduled_end, now);
  if (over < OVERRUN[0]) return { ...NONE, is: "busy", minutes };
  return { is: "over", minutes, over, level: levelOf(over, OVERRUN) };
}
