/** What laboratories find, as the API answers it. */
import type { Schemas } from "@/api/types";

export type Report = Schemas["LabReport"];
export type WholeReport = Schemas["LabReportWithResults"];
export type Result = Schemas["LabResult"];
export type NewResult = Schemas["NewLabResult"];
export type Flag = Schemas["Flag"];

/** The reads that a change of a report makes out of date. */
export const LAB_READS = [
  "/api/lab-reports",
  "/api/patients/{patient_id}/lab-results",
  "/api/patients/{patient_id}/timeline",
  "/api/patients/{patient_id}/chart",
];
