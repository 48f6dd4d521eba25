/** The days that usage is counted in. They are days of UTC, as the server counts them: the clinics lie in many zones. */
import { addDays, addMonths, type Day } from "@/lib/time";

export interface Period {
  from: Day;
  to: Day;
}

export const PERIODS = ["recent", "month", "lastMonth"] as const;
export type PeriodName = (typeof PERIODS)[number];

/** How many days "recent" has, today included. */
const RECENT = 30;

export function periodOf(name: PeriodName, today: Day): Period {
  const first = `${today.slice(0, 8)}01`;
  switch (name) {
    case "recent":
      return { from: addDays(today, 1 - RECENT), to: today };
    case "month":
      return { from: first, to: today };
    case "lastMonth":
      return { from: addMonths(first, -1), to: addDays(first, -1) };
  }
}

/** What a period is called, if it has a name. */
export const nameOf = ({ from, to }: Period, today: Day): PeriodName | null =>
  PERIODS.find((name) => {
    const named = periodOf(name, today);
    return named.from === from && named.to === to;
  }) ?? null;

/** Days in the form YYYY-MM-DD are in order as text. */
export const isBackwards = ({ from, to }: Period): boolean => to < from;
