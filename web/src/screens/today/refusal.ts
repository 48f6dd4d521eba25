/** Why a step was refused, in words that say what to do; the board itself already shows how things stand. */
import type { TFunction } from "i18next";
import { ApiProblem } from "@/api/problem";
import { problemText } from "@/ui/problemText";

export function refusal(error: unknown, name: string, t: TFunction): string {
  if (!(error instanceof ApiProblem)) return problemText(error, t);
  if (error.isStale) return t("today:refused.stale", { name });
  if (error.status === 409) return t("today:refused.conflict", { name });
  if (error.status === 403) return t("today:refused.forbidden", { name });
  return problemText(error, t);
}
