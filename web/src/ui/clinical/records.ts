/** What one can say of the entries of a chart: their fields by kind, their order, and the body that stores a form. */
import type { Entry, EntryStatus, Kind, Severity } from "./types";

export type FormKind = Exclude<Kind, "vitals">;

/** Where an entry of a kind can stand; the first is where it begins. */
export const STATUSES: Readonly<Record<FormKind, readonly EntryStatus[]>> = {
  condition: ["active", "inactive", "resolved"],
  allergy: ["active", "inactive", "refuted"],
  medication: ["active", "stopped", "completed"],
  immunization: ["given", "refused"],
  note: [],
};

/** What ends an entry with one click; none where it doesn't end. */
export const ENDING: Readonly<Record<FormKind, EntryStatus | null>> = {
  condition: "resolved",
  allergy: "refuted",
  medication: "stopped",
  immunization: null,
  note: null,
};

export const SEVERITIES: readonly Severity[] = ["life_threatening", "severe", "moderate", "mild"];

export interface Values extends Record<string, unknown> {
  name: string;
  code: string;
  status: string;
  severity: string;
  reaction: string;
  dose: string;
  route: string;
  frequency: string;
  started_on: string;
  ended_on: string;
  lot_number: string;
  dose_number: string;
  due_on: string;
  details: string;
  sensitive: boolean;
}

export type FieldName = keyof Values & string;

/** The fields of a kind, in the order of the form. */
export const FIELDS: Readonly<Record<FormKind, readonly FieldName[]>> = {
  condition: ["name", "code", "status", "started_on", "ended_on", "details"],
  allergy: ["name", "severity", "reaction", "status", "details"],
  medication: ["name", "dose", "route", "frequency", "status", "started_on", "ended_on", "details"],
  immunization: ["name", "code", "status", "started_on", "lot_number", "dose_number", "due_on", "details"],
  note: ["name", "details", "sensitive"],
};

export function valuesOf(kind: FormKind, entry: Partial<Entry>, today: string): Values {
  const text = (value: unknown) => (value === undefined || value === null ? "" : String(value));
  const isNew = entry.record_id === undefined;
  return {
    name: text(entry.name),
    code: text(entry.code),
    status: text(entry.status ?? STATUSES[kind][0]),
    severity: text(entry.severity),
    reaction: text(entry.reaction),
    dose: text(entry.dose),
    route: text(entry.route),
    frequency: text(entry.frequency),
    started_on: text(entry.started_on ?? (isNew && kind === "immunization" ? today : "")),
    ended_on: text(entry.ended_on),
    lot_number: text(entry.lot_number),
    dose_number: text(entry.dose_number),
    due_on: text(entry.due_on),
    details: text(entry.details),
    sensitive: entry.sensitive ?? false,
  };
}

/** The body that makes an entry of these values. */
export function newBody(kind: FormKind, values: Values): Record<string, unknown> {
  const filled = FIELDS[kind].map((field) => [field, plain(field, values[field])] as const);
  return { kind, ...Object.fromEntries(filled.filter(([, value]) => value !== null && value !== false)) };
}

/** The body that makes one of the other: what is the same stays out, what was emptied is `null`. */
export function changedBody(kind: FormKind, before: Values, after: Values): Record<string, unknown> {
  const changed = FIELDS[kind].filter((field) => before[field] !== after[field]);
  return Object.fromEntries(changed.map((field) => [field, plain(field, after[field])]));
}

function plain(field: FieldName, value: unknown): unknown {
  if (typeof value === "boolean") return value;
  const text = String(value ?? "").trim();
  if (text === "") return null;
  return field === "dose_number" ? Number(text) : text;
}

/** The worst first; what nobody has judged is taken for worse than mild. */
export function bySeverity(one: { severity?: Severity | null }, other: { severity?: Severity | null }): number {
  const rank = ({ severity }: { severity?: Severity | null }) => (severity ? SEVERITIES.indexOf(severity) : 2.5);
  return rank(one) - rank(other);
}

export const isGrave = (severity: Severity | null | undefined): boolean =>
  severity === "severe" || severity === "life_threatening";

/** What stands below an entry's name. */
export function about(entry: Entry): string[] {
  return [
    entry.reaction,
    entry.dose,
    entry.route,
    entry.frequency,
    entry.lot_number,
    entry.kind === "note" ? undefined : entry.details,
  ].filter((part): part is string => Boolean(part));
}
