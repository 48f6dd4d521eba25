/**
 * The columns of the board and the steps between them. The server decides; this mirrors its rules so that nobody is offered what
 * would be refused. Pure.
 */

import type { components } from "@/api/schema";
import type { Permission } from "@/api/types";
import { LANES, type Lane } from "./search";

export type Status = components["schemas"]["Status"];

export { LANES, type Lane };

const LANE_OF: Readonly<Record<Status, Lane | null>> = {
  pending: "expected",
  scheduled: "expected",
  confirmed: "expected",
  waiting: "waiting",
  in_room: "in_room",
  in_scan: "in_scan",
  review: "review",
  completed: "done",
  cancelled: null,
  no_show: null,
  rejected: null,
};

/** The state that a card takes on when it is put into a column. Nobody is made expected by hand. */
const ENTRY: Readonly<Record<Lane, Status | null>> = {
  expected: null,
  waiting: "waiting",
  in_room: "in_room",
  in_scan: "in_scan",
  review: "review",
  done: "completed",
};

/** Every state that one can choose, in the order in which it is offered. */
const CHOICES = [
  "scheduled",
  "confirmed",
  "waiting",
  "in_room",
  "in_scan",
  "review",
  "completed",
  "rejected",
  "no_show",
  "cancelled",
] as const satisfies readonly Status[];

const WAY: readonly Status[] = ["scheduled", "confirmed", "waiting", "in_room", "in_scan", "review", "completed"];
const IN_HOUSE: readonly Status[] = ["waiting", "in_room", "in_scan", "review"];
const FINAL: readonly Status[] = ["completed", "cancelled", "no_show", "rejected"];

/** The column, or `null` for what is folded away. */
export const laneOf = (status: Status): Lane | null => LANE_OF[status];
export const isInHouse = (status: Status): boolean => IN_HOUSE.includes(status);
export const isFinal = (status: Status): boolean => FINAL.includes(status);

/** Whether `to` may follow. */
export function mayBecome(from: Status, to: Status): boolean {
  if (isFinal(from) || from === to) return false;
  if (to === "cancelled" || to === "no_show") return true;
  if (from === "pending") return to === "scheduled" || to === "rejected";
  if (isInHouse(from) && isInHouse(to)) return true;
  const [at, next] = [WAY.indexOf(from), WAY.indexOf(to)];
  return at >= 0 && next > at;
}

/** The permissions of which a step needs one. */
const NEEDS: Readonly<Record<Status, readonly Permission[]>> = {
  confirmed: ["appointment_arrive", "appointment_flow"],
  waiting: ["appointment_arrive", "appointment_flow"],
  no_show: ["appointment_arrive", "appointment_flow"],
  in_room: ["appointment_flow"],
  in_scan: ["appointment_flow"],
  review: ["appointment_flow"],
  completed: ["appointment_flow"],
  cancelled: ["appointment_cancel"],
  pending: ["appointment_decide"],
  scheduled: ["appointment_decide"],
  rejected: ["appointment_decide"],
};

export interface Actor {
  user_id: number;
  role?: string | null;
  permissions: readonly Permission[];
}

/** What a step is about, of an appointment. */
export interface Subject {
  status: Status;
  provider_user_id: number;
  scheduled_start: string;
}

function mayBring(actor: Actor, { provider_user_id }: Subject, to: Status): boolean {
  const isDecision = to === "scheduled" || to === "rejected";
  if (isDecision && actor.role === "doctor" && actor.user_id !== provider_user_id) return false;
  return NEEDS[to].some((permission) => actor.permissions.includes(permission));
}

/** Who is expected on a later day is not in the house yet, and who isn't late can't have stayed away. */
function isSensible({ scheduled_start }: Subject, to: Status, { now, endOfToday }: Moment): boolean {
  const start = Date.parse(scheduled_start);
  if (to === "no_show") return start <= now;
  return start < endOfToday || to === "confirmed" || to === "cancelled" || to === "scheduled" || to === "rejected";
}

/** Now, and when the clinic's day ends; milliseconds. */
export interface Moment {
  now: number;
  endOfToday: number;
}

/** The states that this person may bring the appointment to, now. */
export const stepsOf = (actor: Actor, subject: Subject, moment: Moment): readonly Status[] =>
  CHOICES.filter(
    (to) => mayBecome(subject.status, to) && mayBring(actor, subject, to) && isSensible(subject, to, moment),
  );

/** The columns that a card may be put into, and the state that it has there. */
export function targetsOf(steps: readonly Status[]): ReadonlyMap<Lane, Status> {
  const pairs = LANES.flatMap((lane) => {
    const status = ENTRY[lane];
    return status !== null && steps.includes(status) ? [[lane, status] as const] : [];
  });
  return new Map(pairs);
}

const USUAL: Partial<Record<Status, Status>> = {
  pending: "scheduled",
  scheduled: "waiting",
  confirmed: "waiting",
  waiting: "in_room",
  in_room: "completed",
  in_scan: "review",
  review: "completed",
};

/** What usually comes next, if this person may do it: one touch on the card. */
export function nextOf(status: Status, steps: readonly Status[]): Status | null {
  const next = USUAL[status];
  return next !== undefined && steps.includes(next) ? next : null;
}

/** Whether the step can be taken back. */
export const isUndoable = (from: Status, to: Status): boolean => mayBecome(to, from);

/** Whether a step asks for a reason first. */
export const wantsReason = (to: Status): to is "cancelled" | "no_show" | "rejected" =>
  to === "cancelled" || to === "no_show" || to === "rejected";

/** Whether somebody should be asked first: it can't be taken back, and nobody has seen the patient yet. */
export const isHasty = (from: Status, to: Status): boolean =>
  to === "completed" && (!isInHouse(from) || from === "waiting");

/** The next allowed column in a direction, from the one where the card would be put now. */
export function nextLane(targets: readonly Lane[], at: Lane, step: 1 | -1): Lane | null {
  const index = LANES.indexOf(at);
  const ahead = step === 1 ? LANES.slice(index + 1) : LANES.slice(0, index).reverse();
  return ahead.find((lane) => targets.includes(lane)) ?? null;
}
