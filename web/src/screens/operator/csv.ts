/** A table as a file for spreadsheets (RFC 4180). */

export type Cell = string | number;

/** Spreadsheets read the file as UTF-8 only if it begins with this. */
const BYTE_ORDER_MARK = "\u{feff}";

export const csv = (rows: readonly (readonly Cell[])[]): string =>
  BYTE_ORDER_MARK + rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");

/** What begins like a formula gets a quote in front, so that a spreadsheet runs nothing that a name says. */
function cell(value: Cell): string {
  if (typeof value === "number") return String(value);
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Hands a file that was made here to the person. */
export function save(text: string, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
