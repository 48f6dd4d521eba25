/** What the code set says against the code of a diagnosis. Where the clinic has no code set, nothing. */
import type { Visit } from "@/ui/clinical/types";

type Known = Pick<Visit["diagnoses"][number], "in_code_set" | "billable">;

export function codeMark({ in_code_set, billable }: Known): "unknown" | "category" | null {
  if (in_code_set === false) return "unknown";
  return billable === false ? "category" : null;
}
