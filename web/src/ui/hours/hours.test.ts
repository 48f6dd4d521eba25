import { expect, it } from "vitest";
import { copyToWorkdays, entries, fault, next, PRESETS } from "./hours";

it("finds hours that end before they begin or overlap", () => {
  expect(fault([])).toBeNull();
  expect(fault([{ start: "08:00", end: "12:00" }])).toBeNull();
  expect(fault([{ start: "12:00", end: "08:00" }])).toBe("order");
  expect(fault([{ start: "08:00", end: "" }])).toBe("order");
  expect(
    fault([
      { start: "13:00", end: "17:00" },
      { start: "08:00", end: "13:30" },
    ]),
  ).toBe("overlap");
  for (const week of Object.values(PRESETS)) expect(week.map(fault)).toEqual(Array(7).fill(null));
});

it("offers another stretch after the last one", () => {
  expect(next([])).toEqual({ start: "08:00", end: "12:00" });
  expect(next([{ start: "08:00", end: "12:00" }])).toEqual({ start: "13:00", end: "14:00" });
  expect(next([{ start: "20:00", end: "23:00" }])).toEqual({ start: "22:00", end: "23:00" });
});

it("copies a day to the workdays and leaves the weekend", () => {
  const week = copyToWorkdays([[{ start: "09:00", end: "10:00" }], [], [], [], [], [{ start: "1", end: "2" }], []], 0);
  expect(week.map((day) => day.length)).toEqual([1, 1, 1, 1, 1, 1, 0]);
  expect(week[5]?.[0]?.start).toBe("1");
});

it("writes a week as the API takes it", () => {
  expect(entries(PRESETS.mornings)).toHaveLength(5);
  expect(entries(PRESETS.mornings)[0]).toEqual({ weekday: "monday", start: "08:00", end: "13:00" });
});
