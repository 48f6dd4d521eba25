import { describe, expect, it } from "vitest";
import type { Status } from "./lanes";
import { read } from "./timing";

const at = (clock: string) => Date.parse(`2026-04-14T${clock}Z`);
/** Booked for 15:00 to 15:30. */
const appointment = (status: Status, since = "14:50:00") => ({
  status,
  status_changed_at: `2026-04-14T${since}Z`,
  scheduled_start: "2026-04-14T15:00:00Z",
  scheduled_end: "2026-04-14T15:30:00Z",
});

describe("who is expected", () => {
  it.each([
    ["13:00:00", "none", 0, 0],
    ["14:48:00", "due", 12, 0],
    ["15:00:30", "due", 0, 0],
    ["15:01:00", "late", 1, 0],
    ["15:05:00", "late", 5, 1],
    ["15:20:59", "late", 20, 2],
  ])("at %s", (clock, is, minutes, level) => {
    expect(read(appointment("confirmed"), at(clock))).toMatchObject({ is, minutes, level });
  });
});

describe("who waits", () => {
  it.each([
    ["14:49:00", 0, 0],
    ["15:10:00", 20, 0],
    ["15:15:00", 25, 1],
    ["15:31:00", 41, 2],
  ])("at %s", (clock, minutes, level) => {
    expect(read(appointment("waiting"), at(clock))).toMatchObject({ is: "waits", minutes, level });
  });

  it("who came late has not been kept waiting since the appointed time", () => {
    expect(read(appointment("waiting", "15:20:00"), at("15:25:00"))).toMatchObject({ minutes: 5, level: 0 });
  });
});

describe("who is seen", () => {
  it.each([
    ["15:30:30", "busy", 40, 0, 0],
    ["15:31:00", "over", 41, 1, 1],
    ["15:50:00", "over", 60, 20, 2],
  ])("at %s", (clock, is, minutes, over, level) => {
    expect(read(appointment("in_room"), at(clock))).toMatchObject({ is, minutes, over, level });
  });
});

it("says of what stayed open that it was forgotten", () => {
  const next = Date.parse("2026-04-15T14:00:00Z");
  expect(read(appointment("waiting"), next).is).toBe("forgotten");
  expect(read(appointment("scheduled"), next).is).toBe("forgotten");
  expect(read(appointment("completed"), next).is).toBe("none");
});

it("says nothing of requests and of what is closed", () => {
  for (const status of ["pending", "cancelled", "no_show", "rejected"] as const) {
    expect(read(appointment(status), at("15:20:00")).is).toBe("none");
  }
});
