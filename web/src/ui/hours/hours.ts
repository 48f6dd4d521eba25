/** Opening hours of a week, as one types them: a few stretches a day. */

export interface Stretch {
  start: string;
  end: string;
}

/** Index 0 is Monday. */
export type Week = readonly (readonly Stretch[])[];

export const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

const split: readonly Stretch[] = [
  { start: "08:00", end: "12:00" },
  { start: "13:00", end: "17:00" },
];

/** Weeks that many clinics have. */
export const PRESETS = {
  workdays: [split, split, split, split, split, [], []],
  mornings: Array.from({ length: 7 }, (_, day) => (day < 5 ? [{ start: "08:00", end: "13:00" }] : [])),
  sixDays: [split, split, split, split, split, [{ start: "09:00", end: "13:00" }], []],
} satisfies Record<string, Week>;

/** What is wrong with a day, if anything is. */
export function fault(day: readonly Stretch[]): "order" | "overlap" | null {
  if (day.some(({ start, end }) => !start || !end || start >= end)) return "order";
  const sorted = [...day].sort((a, b) => a.start.localeCompare(b.start));
  return sorted.some(({ start }, index) => start < (sorted[index - 1]?.end ?? "")) ? "overlap" : null;
}

/** Another stretch for a day: after the last one, or the morning. */
export function next(day: readonly Stretch[]): Stretch {
  const last = day.at(-1)?.end;
  if (!last) return { start: "08:00", end: "12:00" };
  const hour = Math.min(22, Number(last.slice(0, 2)) + 1);
  return { start: `${String(hour).padStart(2, "0")}:00`, end: `${String(hour + 1).padStart(2, "0")}:00` };
}

/** Puts a day's hours in the place of those of the other workdays. */
export function copyToWorkdays(week: Week, from: number): Week {
  return week.map((day, index) => (index < 5 ? (week[from] ?? day) : day));
}

/** The week as the API takes it. */
export function entries(week: Week) {
  return week.flatMap((day, index) =>
    day.map(({ start, end }) => ({ weekday: WEEKDAYS[index] as (typeof WEEKDAYS)[number], start, end })),
  );
}
