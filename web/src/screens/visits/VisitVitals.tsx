/** What was measured in a visit, and the form for it. */
import { Button } from "@mantine/core";
import { IconHeartbeat } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiMutation } from "@/api/query";
import { Card } from "@/ui/Card";
import { CHART_READS, type Visit } from "@/ui/clinical/types";
import { VitalsList } from "@/ui/clinical/VitalsCard";
import { VitalsForm } from "@/ui/clinical/VitalsForm";
import { done } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import classes from "./visits.module.css";

export function VisitVitals({ visit, mayWrite }: { visit: Visit; mayWrite: boolean }) {
  const { t } = useTranslation("visits");
  const time = useTime();
  const [isForm, showForm] = useState(false);
  const record = useApiMutation("post", "/api/visits/{visit_id}/vitals", { invalidates: CHART_READS });
  const measured = visit.vitals.filter(({ vitals }) => vitals);
  const asks = mayWrite && (isForm || measured.length === 0);
  return (
    <Card
      title={t("vitals")}
      className={classes.card}
      actions={
        mayWrite &&
        !asks && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconHeartbeat size={15} stroke={1.8} aria-hidden />}
            onClick={() => showForm(true)}
          >
            {t("measureAgain")}
          </Button>
        )
      }
    >
      {measured.map((entry) => (
        <div key={entry.record_id} className={classes.measured}>
          <p className={classes.small}>{time.time(entry.recorded_at)}</p>
          {entry.vitals && <VitalsList vitals={entry.vitals} />}
        </div>
      ))}
      {measured.length === 0 && !mayWrite && <p className={classes.small}>{t("nothingMeasured")}</p>}
      {asks && (
        <VitalsForm
          save={async (vitals) => {
            await record.mutateAsync({ params: { path: { visit_id: visit.visit_id } }, body: { vitals } as never });
            done(t("vitalsSaved"));
            showForm(false);
          }}
        />
      )}
    </Card>
  );
}
