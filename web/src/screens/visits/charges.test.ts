import { expect, it } from "vitest";
import { areModifiers, lineTotal, modifiersOf, total } from "./charges";

const line = {
  line_no: 1,
  service_id: 1,
  code: "99213",
  description: "Visit",
  modifiers: [],
  currency: "USD" as const,
};

it("lines are summed in minor units", () => {
  expect(lineTotal({ ...line, unit_price: "0.10", units: 3 })).toBe("0.30");
  const lines = [
    { ...line, unit_price: "0.10", units: 1 },
    { ...line, unit_price: "0.20", units: 1 },
  ];
  expect(total(lines)).toEqual({ amount: "0.30", currency: "USD" });
  expect(total([])).toBeNull();
});

it("modifiers are read as people type them", () => {
  expect(modifiersOf("25, lt 25")).toEqual(["25", "LT"]);
  expect([areModifiers(["25", "LT"]), areModifiers(["259"]), areModifiers(["1A", "1B", "1C", "1D", "1E"])]).toEqual([
    true,
    false,
    false,
  ]);
});
