/** A chart's values of laboratories: the newest of each analyte with its course, and the reports they came with. */
import { Switch } from "@mantine/core";
import { IconTestPipe } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { Card } from "../Card";
import { Sparkline } from "../clinical/Sparkline";
import type { Trend } from "../clinical/TrendDialog";
import { DataTable, Pager } from "../DataTable";
import { useCan } from "../session";
import { Message, QueryView } from "../states";
import { Tag } from "../Tag";
import { useTime } from "../useTime";
import classes from "./labs.module.css";
import { ReportList } from "./ReportList";
import { type Course, courses, rangeOf, readingOf, TONES } from "./results";
import { TakeAway } from "./TakeAway";
import type { Result } from "./types";

const ReportDialog = lazy(() => import("./ReportDialog"));
const TrendDialog = lazy(() => import("../clinical/TrendDialog"));

export function PatientLabs({ patientId }: { patientId: number }) {
  const { t } = useTranslation("labs");
  const [onlyAbnormal, setAbnormal] = useState(false);
  const [page, setPage] = useState(1);
  const [reportPage, setReportPage] = useState(1);
  const [opened, open] = useState<number | null>(null);
  const [trend, showTrend] = useState<Trend | null>(null);
  const results = useApiQuery("/api/patients/{patient_id}/lab-results", {
    path: { patient_id: patientId },
    query: { page, per_page: 100, ...(onlyAbnormal ? { abnormal: true } : {}) },
  });
  const reports = useApiQuery("/api/lab-reports", {
    query: { patient_id: patientId, page: reportPage, per_page: 25 },
  });
  return (
    <div className={classes.stack}>
      <Switch
        label={t("onlyAbnormal")}
        checked={onlyAbnormal}
        onChange={(event) => {
          setPage(1);
          setAbnormal(event.currentTarget.checked);
        }}
      />
      <QueryView
        query={results}
        isEmpty={({ lab_results }) => lab_results.length === 0}
        empty={
          <Message icon={IconTestPipe} title={t(onlyAbnormal ? "noAbnormal" : "noValues")}>
            {!onlyAbnormal && t("noValuesHint")}
          </Message>
        }
      >
        {({ lab_results, pagination }) => (
          <>
            <Courses all={courses(lab_results)} open={open} show={showTrend} />
            {pagination.total > pagination.per_page && <Pager pagination={pagination} onPage={setPage} />}
          </>
        )}
      </QueryView>
      <Card title={t("reports")}>
        <QueryView
          query={reports}
          isEmpty={({ lab_reports }) => lab_reports.length === 0}
          empty={<p className={classes.small}>{t("noReports")}</p>}
        >
          {({ lab_reports, pagination }) => (
            <>
              <ReportList reports={lab_reports} open={open} />
              {pagination.total > pagination.per_page && <Pager pagination={pagination} onPage={setReportPage} />}
            </>
          )}
        </QueryView>
      </Card>
      <Suspense>
        {opened !== null && <ReportDialog id={opened} onClose={() => open(null)} />}
        {trend && <TrendDialog trend={trend} onClose={() => showTrend(null)} />}
      </Suspense>
    </div>
  );
}

interface CoursesProps {
  all: readonly Course[];
  open: (report: number) => void;
  show: (trend: Trend) => void;
}

function Courses({ all, open, show }: CoursesProps) {
  const { t } = useTranslation("labs");
  const time = useTime();
  const can = useCan();
  const numbers = (results: readonly Result[]) =>
    [...results].reverse().flatMap(({ value, observed_at }) => (value == null ? [] : [{ at: observed_at, value }]));
  const showCourse = ({ results }: Course) => {
    const [newest] = results;
    if (!newest) return;
    const { reference_low: low, reference_high: high } = newest;
    show({
      title: newest.analyte,
      unit: newest.unit ?? "",
      usual: low == null || high == null ? undefined : [low, high],
      lines: [{ label: newest.analyte, points: numbers(results) }],
    });
  };
  return (
    <DataTable
      label={t("values")}
      rows={all}
      rowKey={({ key }) => key}
      columns={[
        {
          key: "analyte",
          label: t("analyte"),
          cell: ({ results: [newest] }) => {
            const report = newest?.lab_report_id;
            return report ? (
              <button type="button" className={classes.open} onClick={() => open(report)}>
                {newest.analyte}
              </button>
            ) : (
              newest?.analyte
            );
          },
        },
        {
          key: "value",
          label: t("value"),
          cell: ({ results: [newest] }) =>
            newest && (
              <>
                <strong>{readingOf(newest, time.language)}</strong> {newest.unit}{" "}
                {newest.flag && newest.flag !== "normal" && (
                  <Tag tone={TONES[newest.flag]}>{t(`flag.${newest.flag}`)}</Tag>
                )}
              </>
            ),
        },
        { key: "range", label: t("range"), cell: ({ results: [newest] }) => newest && rangeOf(newest, time.language) },
        {
          key: "when",
          label: t("when"),
          cell: ({ results: [newest] }) => newest && time.dateTime(newest.observed_at),
        },
        {
          key: "away",
          label: t("takeAway"),
          cell: ({ results: [newest] }) =>
            newest && !newest.lab_report_id && can("lab_upload") && <TakeAway result={newest} />,
        },
        {
          key: "course",
          label: t("course"),
          cell: (course) => {
            const values = numbers(course.results).map(({ value }) => value);
            if (values.length < 2) return null;
            return (
              <button
                type="button"
                className={classes.course}
                aria-label={t("showCourse", { what: course.results[0]?.analyte })}
                onClick={() => showCourse(course)}
              >
                <Sparkline values={values} />
              </button>
            );
          },
        },
      ]}
    />
  );
}
