/** The laboratory's reports of a visit. */
import { Text } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { useCan } from "../session";
import { QueryView } from "../states";
import { ReportDrop } from "./ReportDrop";
import { ReportList } from "./ReportList";

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
        {({ lab_reports }) => <ReportList reports={lab_reports} open={open} />}
      </QueryView>
      {can("lab_upload") && <ReportDrop visitId={visitId} />}
      <Suspense>{opened !== null && <ReportDialog id={opened} onClose={() => open(null)} />}</Suspense>
    </>
  );
}
