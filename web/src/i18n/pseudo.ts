/** A language that nobody speaks: English, marked so that what isn't translated stands out, and a third longer. */

const ACCENTED: Record<string, string> = {
  a: "á",
  e: "é",
  i: "í",
  o: "ö",
  u: "ü",
  A: "Á",
  E: "É",
  I: "Í",
  O: "Ö",
  U: "Ü",
  n: "ñ",
  c: "ç",
};

/** Placeholders and tags stay as they are. */
const KEPT = /(\{\{[^}]*\}\}|<[^>]*>|\$t\([^)]*\))/;

export function pseudo(texts: unknown): unknown {
  if (typeof texts === "string") return disguise(texts);
  if (typeof texts !== "object" || texts === null) return texts;
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, pseudo(text)]));
}

function disguise(text: string): string {
  const letters = text
    .split(KEPT)
    .map((part) => (KEPT.test(part) ? part : part.replace(/[a-zA-Z]/g, (letter) => ACCENTED[letter] ?? letter)));
  return `⟦${letters.join("")}${"·".repeat(Math.ceil(text.length / 3))}⟧`;
}
