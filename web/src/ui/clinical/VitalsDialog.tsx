/** Measurements outside of a visit. */
import { useTranslation } from "react-i18next";
import { useApiMutation } from "@/api/query";
import { Dialog } from "@/ui/Dialog";
import { done } from "@/ui/toast";
import { CHART_READS } from "./types";
import { VitalsForm } from "./VitalsForm";

export default function VitalsDialog({ patientId, onClose }: { patientId: number; onClose: () => void }) {
  const { t } = useTranslation("clinical");
  const create = useApiMutation("post", "/api/patients/{patient_id}/records", { invalidates: CHART_READS });
  return (
    <Dialog onClose={onClose} size="xl" title={t("add.vitals")}>
      <VitalsForm
        save={async (vitals) => {
          const body = { kind: "vitals" as const, vitals };
          await create.mutateAsync({ params: { path: { patient_id: patientId } }, body: body as never });
          done(t("saved"));
          onClose();
        }}
      />
    </Dialog>
  );
}
