/**
 * The four parts of a note while several people may write at it. What one has typed is compared with what was there when one began: a part
 * that only the other changed is taken over, one that only oneself changed stays, and one that both changed must be decided by a person.
 */
import type { Visit } from "@/ui/clinical/types";

export const PARTS = ["subjective", "objective", "assessment", "plan"] as const;
export type Part = (typeof PARTS)[number];
export type Notes = Record<Part, string>;

export const notesOf = (visit: Pick<Visit, Part>): Notes => ({
  subjective: visit.subjective ?? "",
  objective: visit.objective ?? "",
  assessment: visit.assessment ?? "",
  plan: visit.plan ?? "",
});

/** The parts that differ. */
export const changedParts = (before: Notes, after: Notes): Part[] =>
  PARTS.filter((part) => before[part] !== after[part]);

/** What to send: only what changed, `null` for what was emptied. */
export function changeOf(before: Notes, after: Notes): Partial<Record<Part, string | null>> {
  return Object.fromEntries(
    changedParts(before, after).map((part) => [part, after[part].trim() === "" ? null : after[part]]),
  );
}

export interface Rebased {
  /** Mine, with what only the other changed. */
  merged: Notes;
  /** What both changed, each to something else. */
  torn: Part[];
}

export function rebase(before: Notes, mine: Notes, theirs: Notes): Rebased {
  const merged = { ...mine };
  const torn: Part[] = [];
  for (const part of PARTS) {
    if (theirs[part] === before[part] || theirs[part] === mine[part]) continue;
    if (mine[part] === before[part]) merged[part] = theirs[part];
    else torn.push(part);
  }
  return { merged, torn };
}

/** A template put into notes: it fills what is empty and is added below what is not. */
export function filled(notes: Notes, template: Partial<Record<Part, string | null>>): Notes {
  const put = (part: Part) => {
    const text = template[part] ?? "";
    if (text === "") return notes[part];
    return notes[part].trim() === "" ? text : `${notes[part].trimEnd()}\n${text}`;
  };
  return Object.fromEntries(PARTS.map((part) => [part, put(part)])) as Notes;
}
