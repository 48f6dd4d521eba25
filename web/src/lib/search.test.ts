import { expect, it } from "vitest";
import { day, flag, integer, oneOf, path, text } from "./search";

it("leaves out what doesn't fit", () => {
  expect([text("a"), text(7), text(""), text({})]).toEqual(["a", "7", undefined, undefined]);
  expect([integer("3"), integer(3), integer(-1), integer("x"), integer(1.5)]).toEqual([
    3,
    3,
    undefined,
    undefined,
    undefined,
  ]);
  expect([day("2026-04-15"), day("2026-99-99"), day(1)]).toEqual(["2026-04-15", undefined, undefined]);
  expect([oneOf("b", ["a", "b"]), oneOf("c", ["a", "b"])]).toEqual(["b", undefined]);
  expect([flag("true"), flag("false")]).toEqual([true, undefined]);
});

it("goes on to no other site", () => {
  expect(path("/today?date=2026-04-15")).toBe("/today?date=2026-04-15");
  for (const wrong of ["//evil.example", "/\\evil.example", "https://evil.example", "today", 1])
    expect(path(wrong)).toBeUndefined();
});
