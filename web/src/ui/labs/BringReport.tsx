/**
 * Brings reports of a laboratory into the visit that an appointment became, for whoever may bring them and read nothing of a chart. What was
 * brought is known from the answers; nothing else of the visit is asked for.
 */
import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { useApiQuery } from "@/api/query";
import { Loading, QueryView } from "../states";
import { useTime } from "../useTime";
import { AddValue } from "./AddValue";
import classes from "./labs.module.css";
import { ReportDrop } from "./ReportDrop";
import { readingOf } from "./results";
import { TakeAway } from "./TakeAway";
import type { Result, WholeReport } from "./types";

export default function BringReport({ appointmentId }: { appointmentId: number }) {
  // The texts of the files, too, before anything of it is shown.
  const { t } = useTranslation(["labs", "files"]);
  const query = useApiQuery(
    "/api/appointments/{appointment_id}/visit",
    { path: { appointment_id: appointmentId } },
    { placeholderData: undefined, staleTime: 0 },
  );
  if (query.data === undefined && query.error instanceof ApiProblem && query.error.status === 404) {
    return (
      <div className={classes.bring}>
        <Text size="sm" c="dimmed" role="status">
          {t("labs:noVisit")}
        </Text>
        <div>
          <Button size="xs" variant="default" loading={query.isFetching} onClick={() => void query.refetch()}>
            {t("labs:lookAgain")}
          </Button>
        </div>
      </div>
    );
  }
  return (
    <QueryView query={query} loading={<Loading rows={2} />}>
      {({ visit_id }) => <Bring key={visit_id} visitId={visit_id} />}
    </QueryView>
  );
}

function Bring({ visitId }: { visitId: number }) {
  const { t } = useTranslation("labs");
  const [brought, bring] = useState<readonly WholeReport[]>([]);
  const note = (id: number, results: readonly Result[]) =>
    bring((before) =>
      before.map((one) => (one.lab_report_id === id ? { ...one, results: [...one.results, ...results] } : one)),
    );
  const forget = (id: number, result: Result) =>
    bring((before) =>
      before.map((one) =>
        one.lab_report_id === id ? { ...one, results: one.results.filter((other) => other !== result) } : one,
      ),
    );
  return (
    <>
      <ReportDrop visitId={visitId} onSent={(report) => bring((before) => [report, ...before])} />
      {brought.length > 0 && (
        <ul className={classes.brought} aria-label={t("brought")}>
          {brought.map((report) => (
            <li key={report.lab_report_id}>
              <Brought
                report={report}
                onAdded={(results) => note(report.lab_report_id, results)}
                onAway={(result) => forget(report.lab_report_id, result)}
              />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

interface BroughtProps {
  report: WholeReport;
  onAdded: (results: readonly Result[]) => void;
  onAway: (result: Result) => void;
}

function Brought({ report, onAdded, onAway }: BroughtProps) {
  const { t } = useTranslation("labs");
  const { language } = useTime();
  return (
    <>
      <strong>
        <bdi>{report.title}</bdi>
      </strong>
      <p className={classes.small}>{t("inVisit")}</p>
      {report.results.length > 0 && (
        <ul className={classes.small}>
          {report.results.map((result) => (
            <li key={result.lab_result_id}>
              {result.analyte}: {readingOf(result, language)} {result.unit}{" "}
              <TakeAway result={result} onAway={() => onAway(result)} />
            </li>
          ))}
        </ul>
      )}
      <AddValue id={report.lab_report_id} onAdded={onAdded} />
    </>
  );
}
