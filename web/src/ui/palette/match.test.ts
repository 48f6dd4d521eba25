import { expect, it } from "vitest";
import { matches } from "./match";

it("finds words by their beginnings", () => {
  expect(matches("New patient", "pat new")).toBe(true);
  expect(matches("Administración", "ADMINISTRACION")).toBe(true);
  expect(matches("Schedule", "dule")).toBe(false);
  expect(matches("Schedule", "")).toBe(true);
});
