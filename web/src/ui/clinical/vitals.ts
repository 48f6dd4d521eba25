/**
 * Measurements: what they are called, in which units they are typed, what is possible and what is usual. The limits are those of the server
 * (`chart/measures.rs`), which has the last word; here they are said before anything is sent. Everything is kept in the first unit.
 */
import type { Vitals, VitalsInput } from "./types";

/** How a unit is typed: its name, and the value in the unit that is kept. */
export interface Unit {
  name: string;
  kept: (value: number) => number;
  typed: (kept: number) => number;
}

export type MeasureKey = Exclude<keyof Vitals, "units">;
export type TypedKey = Exclude<MeasureKey, "bmi">;

export interface Measure {
  key: MeasureKey;
  /** The units one can type it in, the one that is kept first. */
  units: readonly [Unit, ...Unit[]];
  /** The field of the body that says the unit, where there are several. */
  unitKey?: keyof VitalsInput & `${string}_unit`;
  possible: readonly [number, number];
  usual: readonly [number, number];
  decimals: number;
}

const as = (name: string): Unit => ({ name, kept: (value) => value, typed: (value) => value });
const times = (name: string, factor: number): Unit => ({
  name,
  kept: (value) => value * factor,
  typed: (kept) => kept / factor,
});

const FAHRENHEIT: Unit = { name: "°F", kept: (value) => (value - 32) / 1.8, typed: (kept) => kept * 1.8 + 32 };
const INCH = times("in", 2.54);

const measure = (
  key: MeasureKey,
  units: Measure["units"],
  possible: Measure["possible"],
  usual: Measure["usual"],
  decimals = 0,
  unitKey?: Measure["unitKey"],
): Measure => ({ key, units, possible, usual, decimals, ...(unitKey ? { unitKey } : {}) });

export const MEASURES: readonly Measure[] = [
  measure("systolic", [as("mmHg")], [30, 300], [80, 180]),
  measure("diastolic", [as("mmHg")], [10, 200], [45, 110]),
  measure("heart_rate", [as("/min")], [10, 350], [40, 160]),
  measure("respiratory_rate", [as("/min")], [2, 120], [8, 40]),
  measure("temperature", [as("°C"), FAHRENHEIT], [20, 45], [35, 40], 1, "temperature_unit"),
  measure("spo2", [as("%")], [20, 100], [90, 100]),
  measure("weight", [as("kg"), times("lb", 0.453_592_37)], [0.2, 650], [2, 200], 1, "weight_unit"),
  measure("height", [as("cm"), INCH], [20, 275], [45, 210], 1, "height_unit"),
  measure("pain", [as("/10")], [0, 10], [0, 10]),
  measure("glucose", [as("mg/dL"), times("mmol/L", 18.016)], [5, 2000], [60, 300], 1, "glucose_unit"),
  measure("head_circumference", [as("cm"), INCH], [10, 80], [28, 65], 1, "head_circumference_unit"),
  measure("bmi", [as("kg/m²")], [1, 500], [12, 60], 1),
];

const BY_KEY = new Map(MEASURES.map((one) => [one.key, one]));

export function measureOf(key: MeasureKey): Measure {
  const found = BY_KEY.get(key);
  if (!found) throw new RangeError(`nothing is measured as ${key}`);
  return found;
}

/** What the API calls a unit. */
const API_UNITS: Readonly<Record<string, string>> = { "°C": "C", "°F": "F" };

/** Typed values: text as it stands in the field, and the name of the unit where one can choose. */
export type Typed = Partial<Record<TypedKey, string>>;
export type Units = Partial<Record<TypedKey, string>>;

/** A number as people type it: with a point or a comma. None where it is no number. */
export function numberOf(text: string): number | null {
  const bare = text.trim().replace(",", ".");
  return /^-?\d+(\.\d+)?$/.test(bare) ? Number(bare) : null;
}

export function unitOf(one: Measure, name: string | undefined): Unit {
  return one.units.find((unit) => unit.name === name) ?? one.units[0];
}

export type Fault = "number" | "whole" | "range" | "together" | "order";

/** What is wrong with what was typed, by field. */
export function faults(typed: Typed, units: Units): Partial<Record<TypedKey, Fault>> {
  const found: Partial<Record<TypedKey, Fault>> = {};
  for (const one of MEASURES) {
    const key = one.key as TypedKey;
    const text = typed[key]?.trim();
    if (!text) continue;
    const value = numberOf(text);
    if (value === null) found[key] = "number";
    else if (one.decimals === 0 && !Number.isInteger(value)) found[key] = "whole";
    else if (!within(unitOf(one, units[key]).kept(value), one.possible)) found[key] = "range";
  }
  const [upper, lower] = [typed.systolic?.trim(), typed.diastolic?.trim()];
  if (upper && !lower) found.diastolic = "together";
  if (lower && !upper) found.systolic = "together";
  if (upper && lower && !found.systolic && !found.diastolic && Number(lower) >= Number(upper))
    found.diastolic = "order";
  return found;
}

const within = (value: number, [least, most]: readonly [number, number]): boolean => value >= least && value <= most;

/** Whether a value that is kept is far from the usual. */
export const isUnusual = (one: Measure, kept: number): boolean => !within(kept, one.usual);

/** The body of the request; only what was typed, each in the unit it was typed in. */
export function inputOf(typed: Typed, units: Units): VitalsInput {
  const body: Record<string, unknown> = {};
  for (const one of MEASURES) {
    const key = one.key as TypedKey;
    const value = numberOf(typed[key] ?? "");
    if (value === null) continue;
    body[key] = value;
    const unit = unitOf(one, units[key]).name;
    if (one.unitKey) body[one.unitKey] = API_UNITS[unit] ?? unit;
  }
  return body as VitalsInput;
}

/** Body-mass index of what is being typed, to one decimal. */
export function bmiOf(typed: Typed, units: Units): number | null {
  const kept = (key: TypedKey) => {
    const value = numberOf(typed[key] ?? "");
    return value === null ? null : unitOf(measureOf(key), units[key]).kept(value);
  };
  const [weight, height] = [kept("weight"), kept("height")];
  if (weight === null || height === null || height <= 0) return null;
  return Math.round((weight / (height / 100) ** 2) * 10) / 10;
}

/** A kept value in one of its units, in the language's own digits. */
export function shown(one: Measure, kept: number, unit: Unit, language: string): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: one.decimals }).format(unit.typed(kept));
}

const IMPERIAL: ReadonlySet<string> = new Set(["US", "LR", "MM"]);

/** The units people think in where this language is spoken. */
export function usualUnits(language: string): Units {
  const region = new Intl.Locale(language).maximize().region ?? "";
  if (!IMPERIAL.has(region)) return { glucose: region === "GB" ? "mmol/L" : "mg/dL" };
  return { temperature: "°F", weight: "lb", height: "in", head_circumference: "in" };
}
