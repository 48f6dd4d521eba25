import { describe, expect, it } from "vitest";
import { nameOf, periodOf, standingOf } from "./period";

describe("a period", () => {
  it("is made of whole months up to today", () => {
    expect(periodOf("month", "2026-04-14")).toEqual({ from: "2026-04-01", to: "2026-04-14" });
    expect(periodOf("lastMonth", "2026-03-31")).toEqual({ from: "2026-02-01", to: "2026-02-28" });
    expect(periodOf("year", "2026-04-14")).toEqual({ from: "2025-05-01", to: "2026-04-14" });
  });

  it("has a name if it is one of them", () => {
    expect(nameOf(periodOf("year", "2026-04-14"), "2026-04-14")).toBe("year");
    expect(nameOf({ from: "2026-04-02", to: "2026-04-14" }, "2026-04-14")).toBeNull();
  });
});

it("a price holds until another one of its kind has begun", () => {
  const price = (valid_from: string, kind = "visit_completion") => ({ kind, valid_from });
  const all = [
    price("2026-04-15"),
    price("2026-04-14"),
    price("2025-01-01"),
    price("2025-01-01", "document"),
    price("2026-05-01", "document"),
  ];
  expect(all.map((one) => standingOf(all, one, "2026-04-14"))).toEqual(["planned", "now", "past", "now", "planned"]);
});
