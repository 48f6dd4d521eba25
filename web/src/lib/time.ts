/**
 * Days and times in the clinic's zone, on `Intl` alone. An instant is a `Date` or RFC 3339 text; a day is `YYYY-MM-DD` and a
 * time `HH:MM`, both as the clock on the clinic's wall shows them. Days are counted without a zone, so daylight saving can't
 * shift them.
 */

export type Instant = Date | string;
export type Day = string;
export type Time = string;

export interface WallClock {
  readonly day: Day;
  readonly time: Time;
  /** 1 is Monday, 7 Sunday (ISO 8601). */
  readonly weekday: number;
  readonly minutes: number;
}

const MINUTE = 60_000;
const DAY = 86_400_000;

export const toDate = (instant: Instant): Date => (typeof instant === "string" ? new Date(instant) : instant);

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making a formatter costs a hundred times what using it does. */
function formatter(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language}|${JSON.stringify(options)}`;
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(language, options);
    formatters.set(key, found);
  }
  return found;
}

function parts(instant: Date, zone: string): Record<string, number> {
  const numeric = {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  } as const;
  const format = formatter("en-US", {
    ...numeric,
    hourCycle: "h23",
    calendar: "gregory",
    numberingSystem: "latn",
    timeZone: zone,
  });
  return Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
}

/** Milliseconds that the wall clock is ahead of UTC at an instant. */
function offset(instant: Date, zone: string): number {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts(instant, zone);
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  return wall - Math.floor(instant.getTime() / 1000) * 1000;
}

const two = (number: number) => String(number).padStart(2, "0");

/** What was asked for, by zone and minute: a schedule asks for the same few instants hundreds of times, and `Intl` is slow. */
const known = new Map<string, Map<number, WallClock>>();
const MOST_KNOWN = 5000;

/** What the clinic's wall clock and calendar show at an instant. */
export function wallClock(instant: Instant, zone: string): WallClock {
  const date = toDate(instant);
  const minute = Math.floor(date.getTime() / MINUTE);
  let inZone = known.get(zone);
  if (!inZone || inZone.size >= MOST_KNOWN) {
    inZone = new Map();
    known.set(zone, inZone);
  }
  let shown = inZone.get(minute);
  if (!shown) {
    shown = readWallClock(date, zone);
    inZone.set(minute, shown);
  }
  return shown;
}

function readWallClock(instant: Date, zone: string): WallClock {
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = parts(instant, zone);
  const shown = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
  return { day: shown, time: `${two(hour)}:${two(minute)}`, weekday: weekdayOf(shown), minutes: hour * 60 + minute };
}

export const dayOf = (instant: Instant, zone: string): Day => wallClock(instant, zone).day;
export const timeOf = (instant: Instant, zone: string): Time => wallClock(instant, zone).time;
export const today = (zone: string, now: Instant = new Date()): Day => dayOf(now, zone);

/** What there is to know of a wall-clock time on a day. */
export interface Meant {
  instant: Date;
  /** `skipped`: the clock jumps over this time, the instant is as much later. `twice`: it comes twice, this is the first. */
  is: "exact" | "skipped" | "twice";
}

/** The instant that a time on the clinic's wall clock means. */
export function instantOf(day: Day, time: Time, zone: string): Meant {
  const wall = Date.parse(`${day}T${time.length === 5 ? `${time}:00` : time}Z`);
  if (Number.isNaN(wall)) throw new RangeError(`no such time: ${day} ${time}`);
  const before = offset(new Date(wall - DAY), zone);
  const after = offset(new Date(wall + DAY), zone);
  const early = new Date(wall - Math.max(before, after));
  const late = new Date(wall - Math.min(before, after));
  const shows = (instant: Date) => instant.getTime() + offset(instant, zone) === wall;
  if (shows(early)) return { instant: early, is: before !== after && shows(late) ? "twice" : "exact" };
  if (shows(late)) return { instant: late, is: "exact" };
  return { instant: new Date(wall - before), is: "skipped" };
}

/** The same, as the API wants it. */
export const isoOf = (day: Day, time: Time, zone: string): string =>
  instantOf(day, time, zone).instant.toISOString().replace(".000Z", "Z");

/** When a day of the clinic begins and when the next one does; 23 to 25 hours apart. */
export function bounds(day: Day, zone: string): { start: Date; end: Date } {
  return { start: instantOf(day, "00:00", zone).instant, end: instantOf(addDays(day, 1), "00:00", zone).instant };
}

const noon = (day: Day): Date => new Date(`${day}T12:00:00Z`);

export const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(noon(text).getTime()) && noon(text).toISOString().startsWith(text);

export const isTime = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(text);

export function addDays(day: Day, days: number): Day {
  return new Date(noon(day).getTime() + days * DAY).toISOString().slice(0, 10);
}

/** The last day of the month where the same day isn't there: a month after 31 January is 28 February. */
export function addMonths(day: Day, months: number): Day {
  const date = noon(day);
  const wanted = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(wanted, last));
  return date.toISOString().slice(0, 10);
}

/** Days from one to the other. */
export const daysBetween = (from: Day, to: Day): number =>
  Math.round((noon(to).getTime() - noon(from).getTime()) / DAY);

/** 1 is Monday, 7 Sunday. */
export const weekdayOf = (day: Day): number => noon(day).getUTCDay() || 7;

/** On which weekday a week begins where this language is spoken. */
export function firstWeekday(language: string): number {
  const locale = new Intl.Locale(language) as Intl.Locale & {
    getWeekInfo?(): { firstDay: number };
    weekInfo?: { firstDay: number };
  };
  return (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1;
}

export function startOfWeek(day: Day, first: number): Day {
  return addDays(day, -((weekdayOf(day) - first + 7) % 7));
}

/** Minutes from one instant to the other, rounded down. */
export const minutesBetween = (from: Instant, to: Instant): number =>
  Math.floor((toDate(to).getTime() - toDate(from).getTime()) / MINUTE);

export const addMinutes = (instant: Instant, minutes: number): Date =>
  new Date(toDate(instant).getTime() + minutes * MINUTE);

/** Whole years of life on a day; one born on 29 February has their birthday on 1 March. */
export function ageOn(birth: Day, day: Day): number {
  return Number(day.slice(0, 4)) - Number(birth.slice(0, 4)) - (day.slice(5) < birth.slice(5) ? 1 : 0);
}

/** `9:30 AM`, `9:30`. */
export function formatTime(instant: Instant, zone: string, language: string): string {
  return formatter(language, { hour: "numeric", minute: "2-digit", timeZone: zone }).format(toDate(instant));
}

/** The same, of a time on the wall: minutes since midnight. */
export function formatClock(minutes: number, language: string): string {
  const day = new Date(Date.UTC(2024, 0, 1, 0, minutes));
  return formatter(language, { hour: "numeric", minute: "2-digit", timeZone: "UTC" }).format(day);
}

/** `9:30 – 10:00 AM`. */
export function formatRange(from: Instant, to: Instant, zone: string, language: string): string {
  return formatter(language, { hour: "numeric", minute: "2-digit", timeZone: zone }).formatRange(
    toDate(from),
    toDate(to),
  );
}

export type DayStyle = "short" | "medium" | "long" | "weekday" | "month" | "numeric";

const DAY_STYLES: Record<DayStyle, Intl.DateTimeFormatOptions> = {
  short: { day: "numeric", month: "short" },
  medium: { day: "numeric", month: "short", year: "numeric" },
  long: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
  weekday: { weekday: "short", day: "numeric", month: "short" },
  month: { month: "long", year: "numeric" },
  numeric: { day: "2-digit", month: "2-digit", year: "numeric" },
};

/** A day of the calendar, without a zone. */
export function formatDay(day: Day, language: string, style: DayStyle = "medium"): string {
  return formatter(language, { ...DAY_STYLES[style], timeZone: "UTC" }).format(noon(day));
}

export function formatDateTime(instant: Instant, zone: string, language: string): string {
  return formatter(language, { dateStyle: "medium", timeStyle: "short", timeZone: zone }).format(toDate(instant));
}

/** `3 minutes ago`, `in 2 hours`, `yesterday`. */
export function formatRelative(instant: Instant, language: string, now: Instant = new Date()): string {
  const seconds = (toDate(instant).getTime() - toDate(now).getTime()) / 1000;
  const units: [Intl.RelativeTimeFormatUnit, number][] = [
    ["year", 31_557_600],
    ["month", 2_629_800],
    ["week", 604_800],
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ["minute", 60];
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(Math.round(seconds / size), unit);
}

/** `1 h 05 min`, in the language's own words. */
export function formatMinutes(minutes: number, language: string): string {
  const unit = (value: number, name: "hour" | "minute") =>
    new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short" }).format(value);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return unit(rest, "minute");
  return rest === 0 ? unit(hours, "hour") : `${unit(hours, "hour")} ${unit(rest, "minute")}`;
}

/** `Monday`, … from 1 to 7. */
export function weekdayName(weekday: number, language: string, style: "long" | "short" | "narrow" = "long"): string {
  return formatter(language, { weekday: style, timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, weekday, 12)));
}
