import { expect, it } from "vitest";
import { codeOf } from "./clinicCode";

it("makes a code from the name", () => {
  expect(codeOf("Harbour Family Practice")).toBe("HFP01");
  expect(codeOf("Clínica del Niño")).toBe("CDN01");
  expect(codeOf("Smiles")).toBe("SMIL01");
  expect(codeOf("7")).toBe("");
});
