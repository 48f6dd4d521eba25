/** The months that a report is about. */
import { addDays, addMonths, type Day } from "@/lib/time";

export interface Period {
  from: Day;
  to: Day;
}

export const PERIODS = ["month", "lastMonth", "year"] as const;
export type PeriodName = (typeof PERIODS)[number];

const first = (day: Day): Day => `${day.slice(0, 8)}01`;

/** `year` is the twelve months that end with this one. */
export function periodOf(name: PeriodName, today: Day): Period {
  const begin = first(today);
  if (name === "month") return { from: begin, to: today };
  if (name === "lastMonth") return { from: addMonths(begin, -1), to: addDays(begin, -1) };
  return { from: addMonths(begin, -11), to: today };
}

/** What a period is called, if it has a name. */
export const nameOf = ({ from, to }: Period, today: Day): PeriodName | null =>
  PERIODS.find((name) => {
    const named = periodOf(name, today);
    return named.from === from && named.to === to;
  }) ?? null;

/** Prices to send: those that hold from today on, and the new one in the place of one of the same day. */
export function withPrice<T extends { kind: string; valid_from: Day }>(known: readonly T[], next: T, today: Day): T[] {
  const kept = known.filter(
    ({ kind, valid_from }) => valid_from >= today && !(kind === next.kind && valid_from === next.valid_from),
  );
  return [...kept, next];
}
