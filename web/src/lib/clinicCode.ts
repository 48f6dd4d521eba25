/** Short names of clinics. */

/** A code from the name: `Harbour Family Practice` is `HFP01`. */
export function codeOf(name: string): string {
  const words = name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toUpperCase()
    .split(/[^A-Z]+/)
    .filter(Boolean);
  const initials = words.length > 1 ? words.map((word) => word[0]).join("") : (words[0] ?? "");
  const letters = initials.slice(0, 4);
  return letters.length < 2 ? "" : `${letters}01`;
}
