/** Times as this clinic and this language show them. */
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { locale } from "@/i18n";
import * as time from "@/lib/time";
import { useMe } from "./session";

export function useLocale(): string {
  const { i18n } = useTranslation();
  return locale(i18n.language);
}

/** Everything of `lib/time` that depends on the zone and the language, bound to both. */
export function useTime() {
  const language = useLocale();
  const { clinic } = useMe();
  const zone = clinic?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return useMemo(
    () => ({
      zone,
      language,
      firstWeekday: time.firstWeekday(language),
      today: () => time.today(zone),
      dayOf: (instant: time.Instant) => time.dayOf(instant, zone),
      timeOf: (instant: time.Instant) => time.timeOf(instant, zone),
      instantOf: (day: time.Day, clock: time.Time) => time.instantOf(day, clock, zone),
      nextDay: (day: time.Day) => time.addDays(day, 1),
      isoOf: (day: time.Day, clock: time.Time) => time.isoOf(day, clock, zone),
      time: (instant: time.Instant) => time.formatTime(instant, zone, language),
      clock: (minutes: number) => time.formatClock(minutes, language),
      range: (from: time.Instant, to: time.Instant) => time.formatRange(from, to, zone, language),
      dateTime: (instant: time.Instant) => time.formatDateTime(instant, zone, language),
      day: (day: time.Day, style?: time.DayStyle) => time.formatDay(day, language, style),
      minutes: (minutes: number) => time.formatMinutes(minutes, language),
      relative: (instant: time.Instant, now?: time.Instant) => time.formatRelative(instant, language, now),
      age: (birth: time.Day) => time.ageOn(birth, time.today(zone)),
    }),
    [zone, language],
  );
}

/** The time, renewed every `seconds`, for what runs on the screen. */
export function useNow(seconds = 30): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return now;
}
