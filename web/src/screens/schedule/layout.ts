/** Where things stand on the grid: minutes of the clinic's day, columns, and what a click or a drag means. Pure. */
import type { Answer } from "@/api/query";
import { addDays, startOfWeek } from "@/lib/time";

export type Schedule = Answer<"/api/schedule">;
export type Appointment = Schedule["appointments"][number];
export type Doctor = Schedule["doctors"][number];
export type TimeOff = Doctor["time_off"][number];
export type View = "day" | "week" | "list";

/** How instants fall on the clinic's wall. */
export interface Wall {
  dayOf: (instant: string) => string;
  timeOf: (instant: string) => string;
}

/** A part of a day, in minutes since midnight. */
export interface Block {
  from: number;
  to: number;
}

export interface Column {
  key: string;
  day: string;
  doctor: Doctor;
}

/** What takes no time of anybody any more. */
const OVER: ReadonlySet<Appointment["status"]> = new Set(["cancelled", "no_show", "rejected"]);
export const isOver = ({ status }: { status: Appointment["status"] }): boolean => OVER.has(status);
/** What can't be changed any more. */
export const isFinal = ({ status }: { status: Appointment["status"] }): boolean =>
  status === "completed" || OVER.has(status);

export const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
export const clockOf = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

/** The part of a span of instants that lies on a day. */
export function onDay({ start, end }: { start: string; end: string }, day: string, wall: Wall): Block | null {
  const [first, last] = [wall.dayOf(start), wall.dayOf(end)];
  if (first > day || last < day) return null;
  const from = first < day ? 0 : minutesOf(wall.timeOf(start));
  const to = last > day ? 24 * 60 : minutesOf(wall.timeOf(end));
  return to > from ? { from, to } : null;
}

/** The days that a view shows. */
export function daysOf(view: View, date: string, firstWeekday: number): { from: string; to: string } {
  if (view === "day") return { from: date, to: date };
  const from = startOfWeek(date, firstWeekday);
  return { from, to: addDays(from, 6) };
}

export function columnsOf(view: View, schedule: Schedule, provider: number | undefined): Column[] {
  const { doctors, from } = schedule;
  if (view === "day") {
    const shown = doctors.filter(({ user_id }) => provider === undefined || user_id === provider);
    return shown.map((doctor) => ({ key: String(doctor.user_id), day: from, doctor }));
  }
  const doctor = doctors.find(({ user_id }) => user_id === provider) ?? doctors[0];
  if (!doctor) return [];
  return Array.from({ length: 7 }, (_, index) => addDays(from, index)).map((day) => ({ key: day, day, doctor }));
}

/** The hours that the grid shows: all that is open or booked, whole hours, at least eight of them. */
export function hoursShown(columns: readonly Column[], appointments: readonly Appointment[], wall: Wall): Block {
  const blocks = columns.flatMap(({ day, doctor }) => [
    ...doctor.hours.map((span) => onDay(span, day, wall)),
    ...appointments
      .filter((each) => each.provider_user_id === doctor.user_id && !isOver(each))
      .map(({ scheduled_start, scheduled_end }) => onDay({ start: scheduled_start, end: scheduled_end }, day, wall)),
  ]);
  const real = blocks.filter((block) => block !== null);
  const from = Math.min(9 * 60, ...real.map((block) => block.from));
  const to = Math.max(17 * 60, ...real.map((block) => block.to));
  return { from: Math.floor(from / 60) * 60, to: Math.ceil(to / 60) * 60 };
}

/** Pixels of a minute: so many that the shortest appointment in sight can be read and hit, as far as a day still fits. */
export function scaleOf(columns: readonly Column[], appointments: readonly Appointment[], wall: Wall): number {
  const lengths = columns.flatMap(({ day, doctor }) =>
    appointments
      .filter((each) => each.provider_user_id === doctor.user_id && !isOver(each))
      .map(({ scheduled_start, scheduled_end }) => onDay({ start: scheduled_start, end: scheduled_end }, day, wall))
      .flatMap((block) => (block ? [block.to - block.from] : [])),
  );
  return Math.max(1.25, Math.min(2.4, 24 / Math.min(30, ...lengths)));
}

/** A minute on the grid, to the nearest step. */
export const snap = (minute: number, step: number): number => Math.round(minute / step) * step;

const MIDNIGHT = 24 * 60;
/** The longest appointment that there is. */
const LONGEST = 8 * 60;

/** A block that begins at another minute, within the day. */
export function moved({ from, to }: Block, minute: number, step: number): Block {
  const length = to - from;
  const start = Math.max(0, Math.min(MIDNIGHT - length, snap(minute, step)));
  return { from: start, to: start + length };
}

/** A block that ends at another minute: never before a step has passed, never tomorrow. */
export function resized({ from }: Block, minute: number, step: number): Block {
  const shortest = from + Math.max(5, Math.min(step, 15));
  return { from, to: Math.max(shortest, Math.min(MIDNIGHT - 1, from + LONGEST, snap(minute, step))) };
}

/** Whom a booking would collide with, as far as this screen knows. The database decides. */
export function collision(
  appointments: readonly Appointment[],
  { provider, start, end, except }: { provider: number; start: string; end: string; except?: number | undefined },
): Appointment | undefined {
  const [from, to] = [Date.parse(start), Date.parse(end)];
  return appointments.find(
    (each) =>
      each.provider_user_id === provider &&
      each.appointment_id !== except &&
      !isOver(each) &&
      Date.parse(each.scheduled_start) < to &&
      Date.parse(each.scheduled_end) > from,
  );
}
