import { expect, it } from "vitest";
import { csv, mappingOf } from "./file";

it("writes what spreadsheets read, and no formulas", () => {
  expect(
    csv(
      ["line", "message"],
      [
        [2, 'a "b", c'],
        [3, "=1+1"],
      ],
    ),
  ).toBe('line,message\r\n2,"a ""b"", c"\r\n3,\'=1+1');
});

it("names the columns as the API takes them", () => {
  expect(mappingOf({ Nombre: "first_name", Nota: "" })).toBe("Nombre:first_name,Nota:");
  expect(mappingOf({})).toBe("");
});
