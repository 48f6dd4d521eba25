/** What the API answers about a chart, a visit and a prescription. */
import type { Answer, BodyOf } from "@/api/query";
import type { Schemas } from "@/api/types";

export type Chart = Answer<"/api/patients/{patient_id}/chart">;
export type Entry = Schemas["Record"];
export type Kind = Schemas["Kind"];
export type NewEntry = BodyOf<"/api/patients/{patient_id}/records", "post">;
export type EntryUpdate = BodyOf<"/api/patients/{patient_id}/records/{record_id}", "put">;
export type Severity = Schemas["Severity"];
export type EntryStatus = Schemas["RecordStatus"];
export type Vitals = Schemas["Vitals"];
export type VitalsInput = Schemas["VitalsInput"];
export type Allergy = Schemas["Allergy"];
export type PatientHeader = Schemas["PatientHeader"];
export type Visit = Schemas["Visit"];
export type VisitSummary = Schemas["VisitSummary"];
export type Prescription = Schemas["PrescriptionBody"];
export type PrescriptionItem = Schemas["PrescriptionItem"];
export type ItemBody = Schemas["ItemBody"];
export type Favorite = Schemas["Favorite"];
export type Point = Schemas["Point"];

/** The reads that a change of a chart's entry makes out of date. */
export const CHART_READS = ["/api/patients/{patient_id}", "/api/visits"];
