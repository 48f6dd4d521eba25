/** What a chart's form holds, and what it sends. */
import type { Patient, Sex } from "./types";

export interface Values extends Record<string, unknown> {
  first_name: string;
  last_name: string;
  dob: string;
  sex: Sex | null;
  phone: string;
  email: string;
  address: string;
  emergency_contact_name: string;
  emergency_contact_phone: string;
  mrn: string;
  external_reference: string;
  preferred_language: string;
  national_id: string;
  insurance_number: string;
}

export const EMPTY: Values = {
  first_name: "",
  last_name: "",
  dob: "",
  sex: null,
  phone: "",
  email: "",
  address: "",
  emergency_contact_name: "",
  emergency_contact_phone: "",
  mrn: "",
  external_reference: "",
  preferred_language: "",
  national_id: "",
  insurance_number: "",
};

const REQUIRED = ["first_name", "last_name", "dob", "sex", "mrn"] as const;

export function valuesOf(patient: Patient): Values {
  const texts = Object.fromEntries(
    Object.keys(EMPTY).map((key) => [key, (patient as unknown as Record<string, unknown>)[key] ?? ""]),
  );
  return { ...EMPTY, ...texts, sex: patient.sex };
}

/** The body of a registration: what is empty is left out. */
export function newBody(values: Values) {
  const filled = Object.entries(values)
    .map(([key, value]) => [key, typeof value === "string" ? value.trim() : value])
    .filter(([, value]) => value !== "" && value !== null);
  return Object.fromEntries(filled);
}

/** The body of a change: only what changed; what was emptied is cleared. */
export function changedBody(before: Values, after: Values) {
  const text = (value: unknown) => (typeof value === "string" ? value.trim() : value);
  const changed = Object.keys(EMPTY).filter((key) => text(before[key]) !== text(after[key]));
  const isRequired = (key: string) => (REQUIRED as readonly string[]).includes(key);
  return Object.fromEntries(
    changed.map((key) => [key, text(after[key]) === "" && !isRequired(key) ? null : text(after[key])]),
  );
}

/** Whether it is long enough to identify somebody, as the server sees it. */
function isIdentifier(text: string): boolean {
  return text.replace(/[^A-Za-z0-9]/g, "").length >= 4;
}

/** Whether there is enough to look for the same person. */
export function isSearchable(values: Values): boolean {
  const { first_name, last_name, dob, phone, email } = values;
  if (isIdentifier(values.national_id) || isIdentifier(values.insurance_number)) return true;
  const hasName = first_name.trim().length > 1 && last_name.trim().length > 1;
  return (hasName && dob !== "") || phone.replace(/\D/g, "").length >= 7 || /^\S+@\S+\.\S+$/.test(email.trim());
}
