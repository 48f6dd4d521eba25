import { describe, expect, it } from "vitest";
import type { Permission } from "@/api/types";
import {
  type Actor,
  isHasty,
  isUndoable,
  laneOf,
  mayBecome,
  nextLane,
  nextOf,
  type Status,
  stepsOf,
  targetsOf,
} from "./lanes";

const NOW = Date.parse("2026-04-14T15:00:00Z");
const MOMENT = { now: NOW, endOfToday: Date.parse("2026-04-15T04:00:00Z") };
const actor = (role: string, ...permissions: Permission[]): Actor => ({ user_id: 5, role, permissions });
const DESK = actor("receptionist", "appointment_arrive", "appointment_decide", "appointment_cancel");
const NURSE = actor("nurse", "appointment_arrive", "appointment_flow");
const DOCTOR = actor("doctor", "appointment_arrive", "appointment_flow", "appointment_decide", "appointment_cancel");
const of = (status: Status, change = {}) => ({
  status,
  provider_user_id: 5,
  scheduled_start: "2026-04-14T14:00:00Z",
  ...change,
});

describe("what may follow", () => {
  // The server's own table; a change of its rule must be made here, too.
  it.each<[Status, Status[]]>([
    ["pending", ["scheduled", "rejected", "cancelled", "no_show"]],
    ["scheduled", ["confirmed", "waiting", "in_room", "in_scan", "review", "completed", "cancelled", "no_show"]],
    ["confirmed", ["waiting", "in_room", "in_scan", "review", "completed", "cancelled", "no_show"]],
    ["waiting", ["in_room", "in_scan", "review", "completed", "cancelled", "no_show"]],
    ["in_room", ["waiting", "in_scan", "review", "completed", "cancelled", "no_show"]],
    ["in_scan", ["waiting", "in_room", "review", "completed", "cancelled", "no_show"]],
    ["review", ["waiting", "in_room", "in_scan", "completed", "cancelled", "no_show"]],
    ["completed", []],
    ["cancelled", []],
    ["no_show", []],
    ["rejected", []],
  ])("after %s", (from, expected) => {
    const all: Status[] = [
      "pending",
      "scheduled",
      "confirmed",
      "waiting",
      "in_room",
      "in_scan",
      "review",
      "completed",
      "cancelled",
      "no_show",
      "rejected",
    ];
    expect(all.filter((to) => mayBecome(from, to)).sort()).toEqual([...expected].sort());
  });
});

describe("what is offered", () => {
  it("keeps to the role", () => {
    expect(stepsOf(NURSE, of("waiting"), MOMENT)).toEqual(["in_room", "in_scan", "review", "completed", "no_show"]);
    expect(stepsOf(DESK, of("scheduled"), MOMENT)).toEqual(["confirmed", "waiting", "no_show", "cancelled"]);
    expect(stepsOf(actor("technician"), of("waiting"), MOMENT)).toEqual([]);
  });

  it("lets a doctor decide about the own requests only", () => {
    expect(stepsOf(DOCTOR, of("pending"), MOMENT)).toContain("scheduled");
    const colleague = stepsOf(DOCTOR, of("pending", { provider_user_id: 6 }), MOMENT);
    expect(colleague).not.toContain("scheduled");
    expect(colleague).not.toContain("rejected");
    expect(stepsOf(DESK, of("pending", { provider_user_id: 6 }), MOMENT)).toContain("scheduled");
  });

  it("has no no-show before the time and no check-in before the day", () => {
    const later = of("scheduled", { scheduled_start: "2026-04-14T16:00:00Z" });
    expect(stepsOf(DESK, later, MOMENT)).toEqual(["confirmed", "waiting", "cancelled"]);
    const tomorrow = of("scheduled", { scheduled_start: "2026-04-15T14:00:00Z" });
    expect(stepsOf(DESK, tomorrow, MOMENT)).toEqual(["confirmed", "cancelled"]);
  });

  it("becomes columns", () => {
    const targets = targetsOf(stepsOf(NURSE, of("in_room"), MOMENT));
    expect([...targets]).toEqual([
      ["waiting", "waiting"],
      ["in_scan", "in_scan"],
      ["review", "review"],
      ["done", "completed"],
    ]);
    expect(targetsOf(stepsOf(DESK, of("pending"), MOMENT)).size).toBe(0);
  });

  it("has a usual next step where one may take it", () => {
    expect(nextOf("scheduled", ["waiting"])).toBe("waiting");
    expect(nextOf("waiting", ["no_show"])).toBeNull();
    expect(nextOf("completed", [])).toBeNull();
  });
});

describe("steps", () => {
  it("can be taken back in the house only", () => {
    expect(isUndoable("waiting", "in_room")).toBe(true);
    expect(isUndoable("scheduled", "waiting")).toBe(false);
    expect(isUndoable("in_room", "completed")).toBe(false);
  });

  it("are asked about when they skip the visit", () => {
    expect(isHasty("scheduled", "completed")).toBe(true);
    expect(isHasty("waiting", "completed")).toBe(true);
    expect(isHasty("in_room", "completed")).toBe(false);
    expect(isHasty("scheduled", "waiting")).toBe(false);
  });

  it("go from column to column and skip what is not allowed", () => {
    expect(nextLane(["waiting", "done"], "in_room", 1)).toBe("done");
    expect(nextLane(["waiting", "done"], "in_room", -1)).toBe("waiting");
    expect(nextLane(["waiting"], "waiting", -1)).toBeNull();
  });

  it("fold away what is closed", () => {
    expect(laneOf("cancelled")).toBeNull();
    expect(laneOf("pending")).toBe("expected");
    expect(laneOf("completed")).toBe("done");
  });
});
