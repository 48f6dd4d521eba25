/** What came from laboratories and waits for a doctor: the worst first, the file beside the values. */
import { Group, SegmentedControl, Switch } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconInbox } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { Card } from "@/ui/Card";
import { Pager } from "@/ui/DataTable";
import { ReportMarks } from "@/ui/labs/ReportMarks";
import { ReportView } from "@/ui/labs/ReportView";
import type { Report } from "@/ui/labs/types";
import { Page } from "@/ui/Page";
import { Message, QueryView } from "@/ui/states";
import { useTime } from "@/ui/useTime";
import classes from "./results.module.css";

const ReportDialog = lazy(() => import("@/ui/labs/ReportDialog"));

const route = getRouteApi("/app/results");
const AT_ONCE = 25;
const SHOWN = ["unsigned", "unreleased", "all"] as const;
const FILTERS = { unsigned: { signed: false }, unreleased: { released: false }, all: {} };

export function Screen() {
  const { t } = useTranslation("results");
  const { show = "unsigned", abnormal, report, page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const isNarrow = useMediaQuery("(max-width: 62em)", false, { getInitialValueInEffect: false });
  const query = useApiQuery("/api/lab-reports", {
    query: { page, per_page: AT_ONCE, ...FILTERS[show], ...(abnormal ? { abnormal } : {}) },
  });
  const go = (change: object) => void navigate({ search: (before) => ({ ...before, ...change }) });
  const close = () => go({ report: undefined });
  // The last of a page was signed, or the address is an old one: that there is nothing here does not mean that nothing waits.
  const isBehind = page > 1 && query.data?.lab_reports.length === 0;
  useEffect(() => {
    if (isBehind) void navigate({ search: (before) => ({ ...before, page: undefined }), replace: true });
  }, [isBehind, navigate]);
  return (
    <Page
      wide
      title={t("title")}
      toolbar={
        <Group gap="md">
          <SegmentedControl
            aria-label={t("show")}
            value={show}
            onChange={(next) => go({ show: next, page: undefined, report: undefined })}
            data={SHOWN.map((value) => ({ value, label: t(`shown.${value}`) }))}
          />
          <Switch
            label={t("abnormal")}
            checked={abnormal ?? false}
            onChange={(event) => go({ abnormal: event.currentTarget.checked || undefined, page: undefined })}
          />
        </Group>
      }
    >
      <QueryView
        query={query}
        isEmpty={({ pagination }) => pagination.total === 0 && report === undefined}
        empty={<Message icon={IconInbox} title={t(show === "unsigned" ? "allSigned" : "none")} />}
      >
        {(data) => (
          <div className={classes.inbox} data-open={(report !== undefined && !isNarrow) || undefined}>
            <div>
              <ul className={classes.list} aria-label={t("title")}>
                {data.lab_reports.map((one) => (
                  <Row
                    key={one.lab_report_id}
                    report={one}
                    isOpen={one.lab_report_id === report}
                    open={() => go({ report: one.lab_report_id })}
                  />
                ))}
              </ul>
              <Pager pagination={data.pagination} onPage={(next) => go({ page: next })} />
            </div>
            {report !== undefined && !isNarrow && (
              <Card>
                <ReportView id={report} onDeleted={close} />
              </Card>
            )}
          </div>
        )}
      </QueryView>
      <Suspense>{report !== undefined && isNarrow && <ReportDialog id={report} onClose={close} />}</Suspense>
    </Page>
  );
}

function Row({ report, isOpen, open }: { report: Report; isOpen: boolean; open: () => void }) {
  const time = useTime();
  return (
    <li>
      <button
        type="button"
        className={classes.row}
        data-grave={report.is_critical || undefined}
        aria-current={isOpen || undefined}
        onClick={open}
      >
        <strong>
          <bdi>{report.patient_name}</bdi>
        </strong>
        <bdi>{report.title}</bdi>
        <span className={classes.small}>{time.dateTime(report.created_at)}</span>
        <ReportMarks report={report} />
      </button>
    </li>
  );
}
