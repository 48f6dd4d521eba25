/** What a drug on a prescription is made of, as a form holds it and as the API wants it. */
import type { ItemBody, Prescription, PrescriptionItem } from "./types";

/** How often (HL7 table 0335); the words are in the texts. */
export const FREQUENCIES = [
  "QD",
  "BID",
  "TID",
  "QID",
  "QAM",
  "QPM",
  "QHS",
  "Q4H",
  "Q6H",
  "Q8H",
  "Q12H",
  "QOD",
  "QWK",
  "PRN",
  "STAT",
  "ONCE",
] as const;

/** Units (UCUM) that doses are mostly given in; any other may be typed. The server has a test that it takes these. */
export const DOSE_UNITS = [
  "{tablet}",
  "{capsule}",
  "mg",
  "g",
  "ug",
  "mL",
  "[drp]",
  "[tsp_us]",
  "{puff}",
  "{spray}",
  "[IU]",
  "meq",
  "mmol",
  "{patch}",
  "{suppository}",
  "{application}",
  "mg/kg",
];

export const ROUTES = [
  "oral",
  "topical",
  "inhaled",
  "sublingual",
  "nasal",
  "ocular",
  "otic",
  "rectal",
  "vaginal",
  "im",
  "iv",
  "sc",
] as const;

export interface ItemValues extends Record<string, unknown> {
  drug: string;
  strength: string;
  form: string;
  dose: string;
  dose_unit: string;
  route: string;
  frequency_code: string;
  frequency: string;
  duration_days: string;
  quantity: string;
  quantity_unit: string;
  refills: string;
  note: string;
  cost: string;
}

const TEXTS = [
  "drug",
  "strength",
  "form",
  "dose",
  "dose_unit",
  "route",
  "frequency_code",
  "frequency",
  "quantity_unit",
  "note",
] as const;
const WHOLE = ["duration_days", "refills"] as const;
const DECIMAL = ["quantity", "cost"] as const;

export function itemValues(item: Partial<ItemBody | PrescriptionItem> = {}): ItemValues {
  const text = (value: unknown) => (value === null || value === undefined ? "" : String(value));
  const all = [...TEXTS, ...WHOLE, ...DECIMAL].map((key) => [key, text(item[key as keyof typeof item])]);
  return { ...(Object.fromEntries(all) as ItemValues), refills: text(item.refills ?? 0) };
}

/** The body of one item; what is empty stays out. */
export function itemBody(values: ItemValues): ItemBody {
  const filled = (keys: readonly (keyof ItemValues & string)[], read: (text: string) => unknown) =>
    keys
      .map((key) => [key, String(values[key]).trim()] as const)
      .filter(([, text]) => text !== "")
      .map(([key, text]) => [key, read(text)] as const);
  return Object.fromEntries([
    ...filled(TEXTS, (text) => text),
    ...filled(WHOLE, Number),
    ...filled(DECIMAL, (text) => text.replace(",", ".")),
  ]) as ItemBody;
}

/** An item that is stored, as the body that stores it again. */
export const bodyOf = (item: PrescriptionItem): ItemBody => itemBody(itemValues(item));

export type ItemFault = "required" | "number" | "whole";

const DECIMAL_TEXT = /^\d{1,6}([.,]\d{1,2})?$/;

/** What is wrong with an item, by field. It must say how often before it can be signed, so it is asked for at once. */
export function itemFaults(values: ItemValues): Partial<Record<keyof ItemValues & string, ItemFault>> {
  const found: Partial<Record<keyof ItemValues & string, ItemFault>> = {};
  if (!values.drug.trim()) found.drug = "required";
  if (!values.frequency_code && !values.frequency.trim()) found.frequency_code = "required";
  for (const key of WHOLE) if (values[key].trim() && !/^\d{1,4}$/.test(values[key].trim())) found[key] = "whole";
  for (const key of DECIMAL) if (values[key].trim() && !DECIMAL_TEXT.test(values[key].trim())) found[key] = "number";
  return found;
}

/** Drug, strength and form in one line. */
export const titleOf = ({ drug, strength, form }: Pick<ItemBody, "drug" | "strength" | "form">): string =>
  [drug, strength, form].filter(Boolean).join(" ");

/** A unit without the braces that UCUM puts around what is counted. */
export const plainUnit = (unit: string): string => unit.replace(/[{}]/g, "");

/** Whether somebody may still change it. */
export const isDraft = ({ status }: Pick<Prescription, "status">): boolean => status === "draft";

export const PAPERS = ["a5", "letter", "a4"] as const;
