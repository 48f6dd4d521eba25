/** What of a day is shown where: filters, columns, search. Pure. */
import type { BoardAppointment } from "./board";
import { LANES, type Lane, laneOf } from "./lanes";

export interface Filter {
  provider?: number;
  department?: string;
}

export const filtered = (appointments: readonly BoardAppointment[], { provider, department }: Filter) =>
  appointments.filter(
    (one) =>
      (provider === undefined || one.provider_user_id === provider) &&
      (department === undefined || one.department === department),
  );

/** The departments of a day, by name. */
export const departmentsOf = (appointments: readonly BoardAppointment[], language: string): string[] =>
  [...new Set(appointments.flatMap(({ department }) => department ?? []))].sort(
    new Intl.Collator(language, { numeric: true }).compare,
  );

const by =
  (time: "scheduled_start" | "status_changed_at", direction: 1 | -1 = 1) =>
  (a: BoardAppointment, b: BoardAppointment) =>
    direction * (Date.parse(a[time]) - Date.parse(b[time])) || a.appointment_id - b.appointment_id;

/** Who comes next is on top: by the time of the appointment, then by who has been there longest; who left last, first. */
const ORDER: Readonly<Record<Lane, ReturnType<typeof by>>> = {
  expected: by("scheduled_start"),
  waiting: by("status_changed_at"),
  in_room: by("status_changed_at"),
  in_scan: by("status_changed_at"),
  review: by("status_changed_at"),
  done: by("status_changed_at", -1),
};

export interface Columns {
  lanes: Readonly<Record<Lane, readonly BoardAppointment[]>>;
  /** Cancelled, rejected, not come. */
  closed: readonly BoardAppointment[];
}

export function columnsOf(appointments: readonly BoardAppointment[]): Columns {
  const those = (lane: Lane | null) => appointments.filter(({ status }) => laneOf(status) === lane);
  const lanes = Object.fromEntries(LANES.map((lane) => [lane, those(lane).sort(ORDER[lane])]));
  return { lanes: lanes as unknown as Columns["lanes"], closed: those(null).sort(by("scheduled_start")) };
}

const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const digits = (text: string): string => text.replace(/\D/g, "");
/** Fewer digits than this are part of a number of the chart, not of a telephone. */
const PHONE = 4;

/** Whether what was typed finds an appointment: by the beginnings of the names, by chart, reference or telephone number. */
function finds({ patient, reference }: BoardAppointment, asked: string): boolean {
  const words = plain(`${patient.first_name} ${patient.last_name}`).split(/[^\p{L}\p{N}]+/u);
  const numbers = [plain(patient.mrn), plain(reference)];
  const parts = plain(asked).split(/\s+/).filter(Boolean);
  const phone = digits(asked);
  if (phone.length >= PHONE && /^[\d\s()+./-]+$/.test(asked) && digits(patient.phone ?? "").includes(phone))
    return true;
  const isNumber = (part: string) => numbers.some((number) => number === part || number.split("-").includes(part));
  return parts.length > 0 && parts.every((part) => words.some((word) => word.startsWith(part)) || isNumber(part));
}

const MOST_FOUND = 8;

/** The day's appointments that match, those who are still expected first. */
export function search(appointments: readonly BoardAppointment[], asked: string): readonly BoardAppointment[] {
  const rank = ({ status }: BoardAppointment) => (laneOf(status) === "expected" ? 0 : laneOf(status) ? 1 : 2);
  return appointments
    .filter((one) => finds(one, asked))
    .sort((a, b) => rank(a) - rank(b) || by("scheduled_start")(a, b))
    .slice(0, MOST_FOUND);
}

interface Named {
  first_name: string;
  last_name: string;
}

export const fullName = ({ patient }: { patient: Named }): string => `${patient.first_name} ${patient.last_name}`;

/** All that a display which everybody sees says about somebody. */
export function initials({ first_name, last_name }: Named): string {
  const letter = (name: string) => [...name.trim()][0]?.toLocaleUpperCase() ?? "";
  return [letter(first_name), letter(last_name)]
    .filter(Boolean)
    .map((one) => `${one}.`)
    .join(" ");
}
