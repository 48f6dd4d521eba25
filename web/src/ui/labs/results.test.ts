import { expect, it } from "vitest";
import { courses, rangeOf, readingOf, resultOf } from "./results";
import type { Result } from "./types";

const result = (analyte: string, value: number, more: Partial<Result> = {}): Result => ({
  lab_result_id: value,
  patient_id: 1,
  analyte,
  value,
  observed_at: "2026-04-14T12:00:00Z",
  created_at: "2026-04-14T12:00:00Z",
  ...more,
});

it("a range is said with what is known of it", () => {
  expect(rangeOf({ reference_low: 70, reference_high: 99 }, "en")).toBe("70 – 99");
  expect(rangeOf({ reference_high: 5.6 }, "es")).toBe("≤ 5,6");
  expect(rangeOf({ reference_low: 0 }, "en")).toBe("≥ 0");
  expect(rangeOf({ reference_text: "negative" }, "en")).toBe("negative");
});

it("a value is a number or words", () => {
  expect([readingOf({ value: 0 }, "en"), readingOf({ value_text: "negative" }, "en")]).toEqual(["0", "negative"]);
});

it("values of one analyte go together in any case, and not those of another unit", () => {
  const all = [
    result("Glucose", 126, { unit: "mg/dL" }),
    result("glucose", 101, { unit: "mg/dL" }),
    result("Glucose", 7),
  ];
  expect(courses(all).map(({ results }) => results.map(({ value }) => value))).toEqual([[126, 101], [7]]);
});

it("a typed line is a number where it is one", () => {
  const line = { analyte: " Potassium ", value: "3,9", unit: "mmol/L", low: "3.5", high: "x" };
  expect(resultOf(line)).toEqual({ analyte: "Potassium", value: 3.9, unit: "mmol/L", reference_low: 3.5 });
  expect(resultOf({ ...line, value: "negative", unit: "", low: "" })).toEqual({
    analyte: "Potassium",
    value_text: "negative",
  });
});
