/** What laboratories found. */
import { PatientLabs } from "@/ui/labs/PatientLabs";
import type { TabProps } from "../tabs";

export function Labs({ summary: { patient } }: TabProps) {
  return <PatientLabs patientId={patient.patient_id} />;
}
