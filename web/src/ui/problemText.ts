/** What a problem says to a person, in their language. The server speaks English; its sentences are translated where we know them. */
import type { TFunction } from "i18next";
import { ApiProblem, NoConnection } from "@/api/problem";
import { serverSentence } from "@/i18n";

/** Sentences with something in them: how the server writes them, and the text that says the same. */
const PATTERNS: readonly [RegExp, string][] = [
  [/^Missing required field: /, "problem.required"],
  [/at least (?<count>\d+) characters/, "problem.tooShort"],
  [/at most (?<count>\d+) characters/, "problem.tooLong"],
  [/try again in (?<count>\d+) seconds/, "problem.wait"],
  [/in UCUM it is written (?<unit>\S+)$/, "problem.unit"],
];

const SENTENCES: Readonly<Record<string, string>> = {
  "Invalid credentials": "problem.credentials",
  "Email already exists": "problem.emailTaken",
  "Patient not found": "problem.patientNotFound",
  "Appointment not found": "problem.appointmentNotFound",
  "Current password is incorrect": "problem.currentPassword",
  "This link is not valid any more; ask for a new one": "problem.deadLink",
};

const STATUSES = [400, 401, 403, 404, 409, 412, 413, 415, 429, 500, 503];

export function sentence(english: string, t: TFunction): string {
  const known = SENTENCES[english];
  if (known) return t(`common:${known}`);
  for (const [pattern, key] of PATTERNS) {
    const match = pattern.exec(english);
    if (match) return t(`common:${key}`, { ...match.groups, count: Number(match.groups?.count ?? 0) });
  }
  return spoken(english, serverSentence) ?? english;
}

/** The same in another language, where somebody translated it: without the field's name in front, and with its own numbers. */
export function spoken(english: string, of: (plain: string) => string | undefined): string | undefined {
  const plain = english.replace(/^[\w.[\]]+: /, "");
  const numbers = plain.match(/\d+/g) ?? [];
  const found = of(plain.replace(/\d+/g, "#"));
  return found?.replace(/#/g, () => numbers.shift() ?? "");
}

/** One sentence for an error, whatever it is. */
export function problemText(error: unknown, t: TFunction): string {
  if (error instanceof NoConnection) return t("common:problem.noConnection");
  if (!(error instanceof ApiProblem)) return t("common:problem.unknown");
  const isSpeech = error.status < 500 && error.message !== "" && !/^HTTP \d+$/.test(error.message);
  if (isSpeech) return sentence(error.message, t);
  return STATUSES.includes(error.status) ? t(`common:problem.${error.status}`) : t("common:problem.unknown");
}
