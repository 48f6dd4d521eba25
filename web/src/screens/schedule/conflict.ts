/** What stands in the way of a booking, in words. */
import type { TFunction } from "i18next";
import { ApiProblem } from "@/api/problem";

interface InTheWay {
  scheduled_start: string;
  scheduled_end: string;
  reference?: string | null;
  patient_name?: string | null;
}

/** The sentence for a 409 that names what is in the way; none for any other problem. */
export function inTheWay(
  error: unknown,
  range: (from: string, to: string) => string,
  t: TFunction<"schedule">,
): string | null {
  if (!(error instanceof ApiProblem) || error.status !== 409) return null;
  const conflict = error.body.conflict as InTheWay | undefined;
  if (!conflict) return null;
  const when = range(conflict.scheduled_start, conflict.scheduled_end);
  return conflict.patient_name ? t("taken", { when, name: conflict.patient_name }) : t("takenElsewhere", { when });
}
