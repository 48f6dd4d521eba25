import { expect, it } from "vitest";
import { dayOf, timeOf } from "@/lib/time";
import {
  type Appointment,
  type Column,
  clockOf,
  collision,
  daysOf,
  minutesOf,
  moved,
  onDay,
  resized,
  scaleOf,
  snap,
} from "./layout";

const zone = "America/New_York";
const wall = { dayOf: (at: string) => dayOf(at, zone), timeOf: (at: string) => timeOf(at, zone) };

it("places a span on the day of the clinic, cut at midnight", () => {
  const late = { start: "2026-04-15T03:30:00Z", end: "2026-04-15T04:30:00Z" };
  expect(onDay(late, "2026-04-14", wall)).toEqual({ from: 23 * 60 + 30, to: 24 * 60 });
  expect(onDay(late, "2026-04-15", wall)).toEqual({ from: 0, to: 30 });
  expect(onDay(late, "2026-04-16", wall)).toBeNull();
});

it("shows a week from its first day", () => {
  expect(daysOf("week", "2026-04-15", 1)).toEqual({ from: "2026-04-13", to: "2026-04-19" });
  expect(daysOf("day", "2026-04-15", 1)).toEqual({ from: "2026-04-15", to: "2026-04-15" });
});

it("turns minutes into times and back", () => {
  expect(minutesOf("09:45")).toBe(585);
  expect(clockOf(585)).toBe("09:45");
  expect(snap(592, 15)).toBe(585);
});

it("moves and resizes by steps, within the day", () => {
  const block = { from: 600, to: 630 };
  expect(moved(block, 652, 15)).toEqual({ from: 645, to: 675 });
  expect(moved(block, -20, 15)).toEqual({ from: 0, to: 30 });
  expect(moved(block, 1439, 15)).toEqual({ from: 1410, to: 1440 });
  expect(resized(block, 671, 15)).toEqual({ from: 600, to: 675 });
  expect(resized(block, 500, 15)).toEqual({ from: 600, to: 615 });
  expect(resized(block, 1300, 15)).toEqual({ from: 600, to: 1080 });
  expect(resized({ from: 1400, to: 1415 }, 1600, 15)).toEqual({ from: 1400, to: 1439 });
});

it("foresees who is in the way, and nobody who is not", () => {
  const one = {
    appointment_id: 1,
    provider_user_id: 2,
    status: "scheduled",
    scheduled_start: "2026-04-15T14:00:00Z",
    scheduled_end: "2026-04-15T14:30:00Z",
  } as Appointment;
  const at = (start: string, end: string, more = {}) =>
    collision([one], { provider: 2, start: `2026-04-15T${start}:00Z`, end: `2026-04-15T${end}:00Z`, ...more });
  expect(at("14:15", "14:45")).toBe(one);
  expect(at("14:30", "15:00")).toBeUndefined();
  expect(at("14:15", "14:45", { except: 1 })).toBeUndefined();
  expect(at("14:15", "14:45", { provider: 3 })).toBeUndefined();
  expect(
    collision([{ ...one, status: "cancelled" }], { provider: 2, start: one.scheduled_start, end: one.scheduled_end }),
  ).toBeUndefined();
});

it("draws the day so high that the shortest appointment in sight can be read, within reason", () => {
  const columns = [{ key: "2", day: "2026-04-15", doctor: { user_id: 2 } }] as unknown as Column[];
  const lasting = (minutes: number, more = {}) =>
    ({
      provider_user_id: 2,
      status: "scheduled",
      scheduled_start: "2026-04-15T14:00:00Z",
      scheduled_end: new Date(Date.parse("2026-04-15T14:00:00Z") + minutes * 60_000).toISOString(),
      ...more,
    }) as Appointment;
  const scale = (...appointments: Appointment[]) => scaleOf(columns, appointments, wall);
  expect([scale(), scale(lasting(30)), scale(lasting(60))]).toEqual([1.25, 1.25, 1.25]);
  expect(scale(lasting(30), lasting(15)) * 15).toBe(24);
  expect(scale(lasting(5))).toBe(2.4);
  expect(scale(lasting(10, { status: "cancelled" })), "what is over is not drawn").toBe(1.25);
  expect(scale(lasting(10, { provider_user_id: 3 })), "somebody else's is not in sight").toBe(1.25);
});
