import { describe, expect, it } from "vitest";
import { bySeverity, changedBody, newBody, valuesOf } from "./records";

describe("a form of the chart", () => {
  it("sends what its kind has and what was filled in", () => {
    const values = { ...valuesOf("allergy", {}, "2026-04-14"), name: " Penicillin ", severity: "severe", dose: "1 g" };
    expect(newBody("allergy", values)).toEqual({
      kind: "allergy",
      name: "Penicillin",
      severity: "severe",
      status: "active",
    });
  });

  it("sends what changed, and null for what was emptied", () => {
    const before = valuesOf("immunization", { record_id: 1, name: "Tetanus", dose_number: 2, lot_number: "X" }, "");
    expect(changedBody("immunization", before, { ...before, dose_number: "3", lot_number: "" })).toEqual({
      dose_number: 3,
      lot_number: null,
    });
  });

  it("begins an immunization today, and changes none that has no day", () => {
    expect(valuesOf("immunization", {}, "2026-04-14").started_on).toBe("2026-04-14");
    expect(valuesOf("immunization", { record_id: 1, status: "refused" }, "2026-04-14").started_on).toBe("");
  });
});

it("the worst allergy stands first, and one that nobody judged before a mild one", () => {
  const severities = ["mild", null, "life_threatening", "moderate", "severe"] as const;
  const sorted = severities.map((severity) => ({ severity })).sort(bySeverity);
  expect(sorted.map(({ severity }) => severity)).toEqual(["life_threatening", "severe", "moderate", null, "mild"]);
});
