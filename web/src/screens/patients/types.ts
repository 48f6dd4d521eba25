/** The API's answers that the patients' screens show. */
import type { Answer } from "@/api/query";

export type Patient = Answer<"/api/patients/{patient_id}">;
export type Duplicate = Answer<"/api/patients/duplicates", "post">["duplicates"][number];
export type ImportReport = Answer<"/api/patients/import", "post">;
export type TimelineEntry = Answer<"/api/patients/{patient_id}/timeline">["entries"][number];
export const SEXES = ["female", "male", "other", "prefer_not_to_say"] as const;
export type Sex = (typeof SEXES)[number];
