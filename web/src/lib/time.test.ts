import { describe, expect, it } from "vitest";
import {
  addDays,
  addMonths,
  ageOn,
  bounds,
  dayOf,
  daysBetween,
  formatClock,
  formatDay,
  formatMinutes,
  formatRange,
  formatTime,
  instantOf,
  isDay,
  isoOf,
  startOfWeek,
  timeOf,
  wallClock,
  weekdayName,
} from "./time";

const NEW_YORK = "America/New_York";
const LORD_HOWE = "Australia/Lord_Howe";

const iso = (day: string, time: string, zone: string) => instantOf(day, time, zone).instant.toISOString();

describe("the clinic's wall clock", () => {
  it("is the zone's, whatever the browser's is", () => {
    expect(wallClock("2026-04-15T01:30:00Z", NEW_YORK)).toEqual({
      day: "2026-04-14",
      time: "21:30",
      weekday: 2,
      minutes: 1290,
    });
    expect(dayOf("2026-04-14T23:30:00Z", "Asia/Tokyo")).toBe("2026-04-15");
  });

  it("shows midnight as 00:00", () => {
    expect(timeOf("2026-04-15T04:00:00Z", NEW_YORK)).toBe("00:00");
  });

  it("gives back the instant that it shows", () => {
    for (const zone of [NEW_YORK, "America/Bogota", "Asia/Kathmandu", "Pacific/Chatham", "UTC", LORD_HOWE]) {
      for (const instant of [
        "2026-01-01T00:00:00Z",
        "2026-03-29T12:34:00Z",
        "2026-07-15T23:59:00Z",
        "1955-06-01T10:00:00Z",
      ]) {
        const { day, time } = wallClock(instant, zone);
        expect(new Date(isoOf(day, time, zone))).toEqual(new Date(instant));
      }
    }
  });

  it("moves a time that is skipped as far as the clock jumps", () => {
    expect(instantOf("2026-03-08", "02:30", NEW_YORK)).toEqual({
      instant: new Date("2026-03-08T07:30:00Z"),
      is: "skipped",
    });
    expect(timeOf("2026-03-08T07:30:00Z", NEW_YORK)).toBe("03:30");
    expect(iso("2026-03-08", "01:59", NEW_YORK)).toBe("2026-03-08T06:59:00.000Z");
    expect(iso("2026-03-08", "03:00", NEW_YORK)).toBe("2026-03-08T07:00:00.000Z");
  });

  it("takes the first of a time that comes twice", () => {
    expect(instantOf("2026-11-01", "01:30", NEW_YORK)).toEqual({
      instant: new Date("2026-11-01T05:30:00Z"),
      is: "twice",
    });
    expect(instantOf("2026-11-01", "02:00", NEW_YORK).is).toBe("exact");
    expect(instantOf("2026-11-01", "00:59", NEW_YORK).is).toBe("exact");
  });

  it("knows a shift of half an hour", () => {
    expect(instantOf("2026-10-04", "02:15", LORD_HOWE).is).toBe("skipped");
    expect(instantOf("2026-04-05", "01:45", LORD_HOWE).is).toBe("twice");
  });

  it("knows that a day has 23 to 25 hours", () => {
    const hours = (day: string) => {
      const { start, end } = bounds(day, NEW_YORK);
      return (end.getTime() - start.getTime()) / 3_600_000;
    };
    expect([hours("2026-03-08"), hours("2026-11-01"), hours("2026-06-01")]).toEqual([23, 25, 24]);
  });
});

describe("days", () => {
  it("are counted without a zone", () => {
    expect(addDays("2026-03-08", 1)).toBe("2026-03-09");
    expect(addDays("2026-01-01", -1)).toBe("2025-12-31");
    expect(daysBetween("2026-03-07", "2026-11-02")).toBe(240);
    expect(addMonths("2026-01-31", 1)).toBe("2026-02-28");
    expect(addMonths("2024-03-31", -1)).toBe("2024-02-29");
  });

  it("begin weeks where the language does", () => {
    expect(startOfWeek("2026-04-15", 1)).toBe("2026-04-13");
    expect(startOfWeek("2026-04-15", 7)).toBe("2026-04-12");
    expect(startOfWeek("2026-04-12", 7)).toBe("2026-04-12");
  });

  it("are days of the calendar", () => {
    expect(isDay("2024-02-29")).toBe(true);
    for (const wrong of ["2026-02-29", "2026-13-01", "26-01-01", "", "2026-1-1"]) expect(isDay(wrong)).toBe(false);
  });

  it("make ages", () => {
    expect(ageOn("1990-04-15", "2026-04-14")).toBe(35);
    expect(ageOn("1990-04-15", "2026-04-15")).toBe(36);
    expect(ageOn("2004-02-29", "2026-02-28")).toBe(21);
    expect(ageOn("2004-02-29", "2026-03-01")).toBe(22);
  });
});

describe("what is shown", () => {
  it("is in the language's own way", () => {
    expect(formatTime("2026-04-15T13:30:00Z", NEW_YORK, "en-US").replace(/\s/g, " ")).toBe("9:30 AM");
    expect(formatTime("2026-04-15T13:30:00Z", NEW_YORK, "es")).toBe("9:30");
    expect(formatDay("2026-04-15", "es", "long")).toBe("miércoles, 15 de abril de 2026");
    expect(
      formatRange("2026-04-15T13:30:00Z", "2026-04-15T14:00:00Z", NEW_YORK, "en-US").replace(/[\s\u2009]/g, " "),
    ).toBe("9:30 – 10:00 AM");
    expect(formatMinutes(65, "en")).toBe("1 hr 5 min");
    expect(weekdayName(1, "en")).toBe("Monday");
    expect(weekdayName(7, "es")).toBe("domingo");
  });
});

it("shows the time on the wall as people write it", () => {
  expect(formatClock(9 * 60 + 5, "en-US")).toMatch(/^9:05\sAM$/);
  expect(formatClock(21 * 60, "es-ES")).toBe("21:00");
});
