/** Prescriptions of a visit or of a patient, and the writer. */
import { Button, Text } from "@mantine/core";
import { IconPrescription } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { Pager } from "@/ui/DataTable";
import { useCan } from "@/ui/session";
import { QueryView } from "@/ui/states";
import classes from "./clinical.module.css";
import { PrescriptionCard } from "./PrescriptionCard";
import type { Allergy, Prescription } from "./types";

const PrescriptionWriter = lazy(() => import("./PrescriptionWriter"));

interface PrescriptionsProps {
  patientId: number;
  allergies: readonly Allergy[];
  /** Only those of this visit; what is written belongs to it. */
  visitId?: number;
}

export function Prescriptions({ patientId, allergies, visitId }: PrescriptionsProps) {
  const { t } = useTranslation("clinical");
  const can = useCan();
  const [page, setPage] = useState(1);
  const [written, write] = useState<Prescription | "new" | null>(null);
  const of = visitId ? { visit_id: visitId } : { patient_id: patientId };
  const query = useApiQuery("/api/prescriptions", { query: { ...of, page, per_page: 20 } });
  const all = query.data?.prescriptions ?? [];
  const referenceOf = (id: number) => all.find(({ prescription_id }) => prescription_id === id)?.reference;
  // One a visit: what is to change on it is a correction.
  const mayBegin = can("prescription_write") && !(visitId && all.length > 0);
  return (
    <>
      {mayBegin && (
        <Button
          mb="sm"
          variant={visitId ? "default" : "filled"}
          leftSection={<IconPrescription size={17} stroke={1.7} aria-hidden />}
          onClick={() => write("new")}
        >
          {t("rx.write")}
        </Button>
      )}
      <QueryView
        query={query}
        isEmpty={({ prescriptions }) => prescriptions.length === 0}
        empty={
          <Text size="sm" c="dimmed">
            {t("rx.none")}
          </Text>
        }
      >
        {(data) => (
          <>
            <div className={classes.cards} data-narrow={visitId ? true : undefined}>
              {data.prescriptions.map((one) => (
                <PrescriptionCard
                  key={one.prescription_id}
                  prescription={one}
                  referenceOf={referenceOf}
                  onWrite={write}
                />
              ))}
            </div>
            {data.pagination.total > data.pagination.per_page && (
              <Pager pagination={data.pagination} onPage={setPage} />
            )}
          </>
        )}
      </QueryView>
      <Suspense>
        {written && (
          <PrescriptionWriter
            patientId={patientId}
            visitId={visitId}
            allergies={allergies}
            draft={written === "new" ? null : written}
            onClose={() => write(null)}
          />
        )}
      </Suspense>
    </>
  );
}
