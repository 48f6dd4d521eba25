import { describe, expect, it } from "vitest";
import { csv } from "./csv";

describe("the file for spreadsheets", () => {
  it("is told to be UTF-8 and has a line for each row", () => {
    expect(
      csv([
        ["Clínica", "Citas"],
        ["ABC01", 12],
      ]),
    ).toBe("\u{feff}Clínica,Citas\r\nABC01,12\r\n");
  });

  it("quotes what would break the line", () => {
    expect(csv([['The "Old" Mill, East', "a\nb"]])).toBe('\u{feff}"The ""Old"" Mill, East","a\nb"\r\n');
  });

  it("runs no formula", () => {
    expect(csv([["=1+1", "+1", "-1", "@a", -1]])).toBe("\u{feff}'=1+1,'+1,'-1,'@a,-1\r\n");
  });
});
