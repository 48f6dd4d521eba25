/** The laboratory's reports of a visit. */
import { Text } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { useCan } from "../session";
import { QueryView } from "../states";
import classes from "./labs.module.css";
import { ReportDrop } from "./ReportDrop";
import { ReportMarks } from "./ReportMarks";

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
                  <bdi>{report.title}</bdi>
                </button>
                <ReportMarks report={report} />
              </li>
            ))}
          </ul>
        )}
      </QueryView>
      {can("lab_upload") && <ReportDrop visitId={visitId} />}
      <Suspense>{opened !== null && <ReportDialog id={opened} onClose={() => open(null)} />}</Suspense>
    </>
  );
}
