/** The API's answers that the operator sees. */
import type { Answer } from "@/api/query";

export type Clinic = Answer<"/api/clinics">["clinics"][number];
export type ClinicStatus = Clinic["status"];
export type Overview = Answer<"/api/clinics/usage">;
export type Glance = Overview["clinics"][number];

/** What is counted of each clinic and of all, in the order in which it is shown. */
export const NUMBERS = ["staff", "patients", "appointments", "completed", "invoices"] as const;
