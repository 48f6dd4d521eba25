/** How large a file is, in the language's own words. */
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

export function formatSize(bytes: number, language: string): string {
  let [value, step] = [bytes, 0];
  while (value >= 1000 && step < UNITS.length - 1) [value, step] = [value / 1000, step + 1];
  const maximumFractionDigits = step > 1 && value < 100 ? 1 : 0;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: UNITS[step] as string,
    unitDisplay: "short",
    maximumFractionDigits,
  }).format(value);
}

/** Pictures that every browser shows. */
const PICTURES: readonly string[] = ["image/jpeg", "image/png", "image/webp", "image/gif"];

/** How a file can be looked at in the page; none where it must be kept to be opened. */
export function previewOf(mime: string): "picture" | "pdf" | null {
  if (PICTURES.includes(mime)) return "picture";
  return mime === "application/pdf" ? "pdf" : null;
}
