/** Files of rows, in and out. */

/** What a column of the file can be. */
export const FIELDS = [
  "first_name",
  "last_name",
  "dob",
  "sex",
  "email",
  "phone",
  "address",
  "emergency_contact_name",
  "emergency_contact_phone",
  "external_reference",
  "mrn",
  "preferred_language",
  "national_id",
  "insurance_number",
] as const;

/** The columns as the API takes them: `Nombre:first_name,Apellido:last_name`. */
export function mappingOf(columns: Readonly<Record<string, string>>): string {
  return Object.entries(columns)
    .map(([column, field]) => `${column}:${field}`)
    .join(",");
}

/** A CSV that spreadsheets open; what looks like a formula is made text. */
export function csv(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number) => {
    const text = String(value);
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
}

export function saveAs(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\uFEFF", text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
