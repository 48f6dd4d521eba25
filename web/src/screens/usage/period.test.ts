import { describe, expect, it } from "vitest";
import { nameOf, periodOf, withPrice } from "./period";

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

it("a new price leaves what is past alone and takes the place of one of its day", () => {
  const price = (valid_from: string, unit_price: string) => ({ kind: "visit_completion", valid_from, unit_price });
  const known = [price("2027-01-01", "3.00"), price("2026-05-01", "2.00"), price("2025-01-01", "1.00")];
  expect(withPrice(known, price("2026-05-01", "2.50"), "2026-04-14")).toEqual([
    price("2027-01-01", "3.00"),
    price("2026-05-01", "2.50"),
  ]);
});
