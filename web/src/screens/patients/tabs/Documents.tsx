/** The files of the chart. */
import { Documents as All } from "@/ui/files/Documents";
import type { TabProps } from "../tabs";

export function Documents({ summary: { patient } }: TabProps) {
  return <All patientId={patient.patient_id} />;
}
