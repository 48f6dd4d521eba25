/** The clinical side, as a doctor reads it before walking in. */
import { Anchor } from "@mantine/core";
import { IconStethoscope } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { ChartSummary } from "@/ui/clinical/ChartSummary";
import { Loading, QueryView } from "@/ui/states";
import { useTime } from "@/ui/useTime";
import classes from "../patients.module.css";
import type { TabProps } from "../tabs";

export function Chart({ summary: { patient } }: TabProps) {
  const { t } = useTranslation("patients");
  const time = useTime();
  const query = useApiQuery("/api/patients/{patient_id}/chart", { path: { patient_id: patient.patient_id } });
  return (
    <QueryView query={query} loading={<Loading rows={4} height={150} />}>
      {(chart) => (
        <>
          {chart.open_visit && (
            <p className={classes.going}>
              <IconStethoscope size={18} stroke={1.7} aria-hidden />
              <Anchor
                component={Link}
                to="/visits/$visitId"
                params={{ visitId: String(chart.open_visit.visit_id) } as never}
              >
                {t("goingOn", {
                  when: time.dateTime(chart.open_visit.started_at),
                  who: chart.open_visit.provider_name,
                })}
              </Anchor>
            </p>
          )}
          <ChartSummary chart={chart} />
        </>
      )}
    </QueryView>
  );
}
