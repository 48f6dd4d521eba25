/** Values of a laboratory: how they are said, what is expected of them, and how those of one analyte go together. */
import type { Tone } from "../Tag";
import type { Flag, NewResult, Result } from "./types";

export const TONES: Readonly<Record<Flag, Tone>> = {
  normal: "good",
  low: "warn",
  high: "warn",
  abnormal: "warn",
  critical_low: "bad",
  critical_high: "bad",
};

type Range = Pick<Result, "reference_low" | "reference_high" | "reference_text">;

/** What is expected: `70 – 99`, `≤ 99`, `≥ 70`, or in words. */
export function rangeOf({ reference_low: low, reference_high: high, reference_text: words }: Range, language: string) {
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 4 });
  const has = (value: number | null | undefined): value is number => value !== null && value !== undefined;
  if (has(low) && has(high)) return `${number.format(low)} – ${number.format(high)}`;
  if (has(high)) return `≤ ${number.format(high)}`;
  if (has(low)) return `≥ ${number.format(low)}`;
  return words ?? "";
}

/** The value as it is read. */
export function readingOf({ value, value_text }: Pick<Result, "value" | "value_text">, language: string): string {
  if (value === null || value === undefined) return value_text ?? "";
  return new Intl.NumberFormat(language, { maximumFractionDigits: 4 }).format(value);
}

/** What values belong to: the LOINC code where there is one, else the name in any case, each with its unit. */
const keyOf = ({ loinc, analyte, unit }: Result): string =>
  `${loinc ?? analyte.trim().toLowerCase().replace(/\s+/g, " ")}|${unit ?? ""}`;

export interface Course {
  key: string;
  /** The newest first. */
  results: Result[];
}

/** Results by what was measured, in the order of the newest of each. */
export function courses(results: readonly Result[]): Course[] {
  const found = new Map<string, Result[]>();
  for (const result of results) {
    const key = keyOf(result);
    found.set(key, [...(found.get(key) ?? []), result]);
  }
  return [...found].map(([key, all]) => ({ key, results: all }));
}

export interface Typed {
  analyte: string;
  value: string;
  unit: string;
  low: string;
  high: string;
}

const NUMBER = /^-?\d+([.,]\d+)?$/;

/** A typed line as the API wants it: a number where it is one, else words. */
export function resultOf({ analyte, value, unit, low, high }: Typed): NewResult {
  const read = (text: string) => Number(text.trim().replace(",", "."));
  const isNumber = NUMBER.test(value.trim());
  return {
    analyte: analyte.trim(),
    ...(isNumber ? { value: read(value) } : { value_text: value.trim() }),
    ...(unit.trim() ? { unit: unit.trim() } : {}),
    ...(NUMBER.test(low.trim()) ? { reference_low: read(low) } : {}),
    ...(NUMBER.test(high.trim()) ? { reference_high: read(high) } : {}),
  };
}
