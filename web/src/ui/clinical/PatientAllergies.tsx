/** The allergies that hold, where no more of a chart is shown than these. */
import { useApiQuery } from "@/api/query";
import { AllergyBar } from "./AllergyBar";

export default function PatientAllergies({ patientId }: { patientId: number }) {
  const query = useApiQuery("/api/patients/{patient_id}/records", {
    path: { patient_id: patientId },
    query: { kind: ["allergy"], status: "active", per_page: 100 },
  });
  if (!query.data) return null;
  const allergies = query.data.records.map(({ record_id, name, severity, reaction }) => ({
    record_id,
    substance: name ?? "",
    severity: severity ?? null,
    reaction: reaction ?? null,
  }));
  return <AllergyBar allergies={allergies} />;
}
