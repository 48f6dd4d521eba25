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

export type Standing = "planned" | "now" | "past";

interface Begun {
  kind: string;
  valid_from: Day;
}

/** Whether a price is still to come, holds today, or was followed by another one of its kind. */
export function standingOf(all: readonly Begun[], { kind, valid_from }: Begun, today: Day): Standing {
  if (valid_from > today) return "planned";
  const isFollowed = all.some((one) => one.kind === kind && one.valid_from > valid_from && one.valid_from <= today);
  return isFollowed ? "past" : "now";
}
