/** Every prescription of the patient; what was corrected and its correction both stay. */
import { useApiQuery } from "@/api/query";
import { Prescriptions as All } from "@/ui/clinical/Prescriptions";
import { QueryView } from "@/ui/states";
import type { TabProps } from "../tabs";

export function Prescriptions({ summary: { patient } }: TabProps) {
  const chart = useApiQuery("/api/patients/{patient_id}/chart", { path: { patient_id: patient.patient_id } });
  return (
    <QueryView query={chart}>
      {(data) => <All patientId={patient.patient_id} allergies={data.patient.allergies} />}
    </QueryView>
  );
}
