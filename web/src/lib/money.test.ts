import { describe, expect, it } from "vitest";
import { formatMoney, fromMinor, parseMoney, sum, toMinor } from "./money";

describe("money", () => {
  it("is exact", () => {
    expect(sum(["0.10", "0.20"], "USD")).toBe("0.30");
    expect(sum(["90071992547409.91", "0.01"], "USD")).toBe("90071992547409.92");
    expect(toMinor("125", "JPY")).toBe(125n);
    expect(fromMinor(-5n, "USD")).toBe("-0.05");
    expect(fromMinor(1234n, "KWD")).toBe("1.234");
  });

  it("refuses what is none", () => {
    for (const wrong of ["1.234", "", "1e3", "1,5"]) expect(() => toMinor(wrong, "USD")).toThrow();
  });

  it("is shown as the language does", () => {
    expect(formatMoney("1250.5", "USD", "en-US")).toBe("$1,250.50");
    expect(formatMoney("90071992547409.91", "USD", "en-US")).toBe("$90,071,992,547,409.91");
  });

  it("is understood as people type it", () => {
    expect(parseMoney("125", "USD")).toBe("125.00");
    expect(parseMoney("$1,250.5", "USD")).toBe("1250.50");
    expect(parseMoney("1.250,50", "EUR")).toBe("1250.50");
    expect(parseMoney("1,250", "USD")).toBe("1250.00");
    expect(parseMoney(".5", "USD")).toBe("0.50");
    expect(parseMoney("1.250", "JPY")).toBe("1250");
    expect(parseMoney("abc", "USD")).toBeNull();
    expect(parseMoney("", "USD")).toBeNull();
  });
});
