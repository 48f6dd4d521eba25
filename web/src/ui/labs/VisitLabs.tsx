/** The laboratory's reports of a visit. */
import { Text } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { Drop } from "@/ui/files/Drop";
import { useCan } from "../session";
import { QueryView } from "../states";
import classes from "./labs.module.css";
import { ReportMarks } from "./ReportMarks";
import { LAB_READS } from "./types";

const ReportDialog = lazy(() => import("./ReportDialog"));

export function VisitLabs({ visitId }: { visitId: number }) {
  const { t } = useTranslation("labs");
  const can = useCan();
  const [opened, open] = useState<number | null>(null);
  const query = useApiQuery("/api/lab-reports", { query: { visit_id: visitId, per_page: 50 } });
  return (
    <>
      <QueryView
        query={query}
        isEmpty={({ lab_reports }) => lab_reports.length === 0}
        empty={
          <Text size="sm" c="dimmed">
            {t("noReports")}
          </Text>
        }
      >
        {({ lab_reports }) => (
          <ul className={classes.reports}>
            {lab_reports.map((report) => (
              <li key={report.lab_report_id}>
                <button type="button" className={classes.open} onClick={() => open(report.lab_report_id)}>
                  {report.title}
                </button>
                <ReportMarks report={report} />
              </li>
            ))}
          </ul>
        )}
      </QueryView>
      {can("lab_upload") && (
        <Drop path={`/api/visits/${visitId}/lab-reports`} invalidates={LAB_READS} label={t("addReports")} />
      )}
      <Suspense>{opened !== null && <ReportDialog id={opened} onClose={() => open(null)} />}</Suspense>
    </>
  );
}
