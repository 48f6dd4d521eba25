import { describe, expect, it } from "vitest";
import { itemBody, itemFaults, itemValues, titleOf } from "./prescription";

describe("a drug's form", () => {
  it("sends what was filled in, numbers as numbers and decimals as text", () => {
    const values = { ...itemValues(), drug: " Metformin ", frequency_code: "BID", duration_days: "30", cost: "12,50" };
    expect(itemBody(values)).toEqual({
      drug: "Metformin",
      frequency_code: "BID",
      duration_days: 30,
      refills: 0,
      cost: "12.50",
    });
  });

  it("asks for the drug, for how often, and for numbers where there must be one", () => {
    expect(itemFaults(itemValues())).toEqual({ drug: "required", frequency_code: "required" });
    const values = { ...itemValues(), drug: "Ibuprofen", frequency: "as needed", refills: "x", quantity: "1.234" };
    expect(itemFaults(values)).toEqual({ refills: "whole", quantity: "number" });
  });
});

it("a drug is named with its strength and form", () => {
  expect(titleOf({ drug: "Amoxicillin", strength: "500 mg", form: null })).toBe("Amoxicillin 500 mg");
});
