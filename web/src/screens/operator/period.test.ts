import { describe, expect, it } from "vitest";
import { isBackwards, nameOf, periodOf } from "./period";

describe("a period", () => {
  it("of thirty days has thirty", () => {
    expect(periodOf("recent", "2026-03-30")).toEqual({ from: "2026-03-01", to: "2026-03-30" });
  });

  it("of this month ends today", () => {
    expect(periodOf("month", "2026-03-17")).toEqual({ from: "2026-03-01", to: "2026-03-17" });
  });

  it("of last month is whole, over the turn of a year too", () => {
    expect(periodOf("lastMonth", "2024-03-31")).toEqual({ from: "2024-02-01", to: "2024-02-29" });
    expect(periodOf("lastMonth", "2026-01-01")).toEqual({ from: "2025-12-01", to: "2025-12-31" });
  });

  it("is known by its name", () => {
    expect(nameOf({ from: "2026-02-01", to: "2026-02-28" }, "2026-03-17")).toBe("lastMonth");
    expect(nameOf({ from: "2026-02-02", to: "2026-02-28" }, "2026-03-17")).toBeNull();
  });

  it("runs forwards or is one day", () => {
    expect(isBackwards({ from: "2026-03-02", to: "2026-03-01" })).toBe(true);
    expect(isBackwards({ from: "2026-03-01", to: "2026-03-01" })).toBe(false);
  });
});
