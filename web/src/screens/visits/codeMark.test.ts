import { expect, it } from "vitest";
import { codeMark } from "./codeMark";

it("a code that the code set does not know is marked, and so is a category", () => {
  expect(codeMark({ in_code_set: true, billable: true })).toBeNull();
  expect(codeMark({ in_code_set: false, billable: null })).toBe("unknown");
  expect(codeMark({ in_code_set: true, billable: false })).toBe("category");
});

it("where there is no code or no code set nothing is said", () => {
  expect(codeMark({ in_code_set: null, billable: null })).toBeNull();
  expect(codeMark({})).toBeNull();
});
