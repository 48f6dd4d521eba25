/** One report: the file beside its values; signed by a doctor, shown to the patient, and values added until then. */
import { ActionIcon, Button, Group } from "@mantine/core";
import { IconDownload, IconEye, IconEyeOff, IconSignature, IconTrash } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { download } from "@/api/client";
import { useApiMutation, useApiQuery } from "@/api/query";
import { Contents } from "@/ui/files/Preview";
import { useConfirm } from "../confirm";
import { useCan, useMe } from "../session";
import { QueryView } from "../states";
import { Tag } from "../Tag";
import { done, failed } from "../toast";
import { useTime } from "../useTime";
import { AddValue } from "./AddValue";
import classes from "./labs.module.css";
import { rangeOf, readingOf, TONES } from "./results";
import { TakeAway } from "./TakeAway";
import { LAB_READS, type Result, type WholeReport } from "./types";

interface ReportViewProps {
  id: number;
  onDeleted?: () => void;
}

export function ReportView({ id, onDeleted }: ReportViewProps) {
  const path = { lab_report_id: id };
  const query = useApiQuery("/api/lab-reports/{lab_report_id}", { path }, { placeholderData: undefined });
  return (
    <QueryView query={query}>
      {(report) => <Report key={report.lab_report_id} report={report} onDeleted={onDeleted} />}
    </QueryView>
  );
}

function Report({ report, onDeleted }: { report: WholeReport; onDeleted: (() => void) | undefined }) {
  const { t } = useTranslation("labs");
  const time = useTime();
  const can = useCan();
  const { lab_report_id, title, file_name, mime_type, signed_at, released_at, patient_id, visit_id } = report;
  const path = `/api/lab-reports/${lab_report_id}/download`;
  return (
    <article className={classes.report} aria-label={title}>
      <header className={classes.head}>
        <h3>
          <bdi>{title}</bdi>
        </h3>
        <p className={classes.small}>
          <Link to="/patients/$patientId" params={{ patientId: String(patient_id) }} className={classes.link}>
            <bdi>{report.patient_name}</bdi>
          </Link>{" "}
          ·{" "}
          <Link to="/visits/$visitId" params={{ visitId: String(visit_id) }} className={classes.link}>
            {t("visit")}
          </Link>{" "}
          · {time.dateTime(report.created_at)}
        </p>
        <Group gap={6}>
          <Tag tone={signed_at ? "good" : "warn"}>
            {signed_at ? t("signedAt", { when: time.dateTime(signed_at) }) : t("unsigned")}
          </Tag>
          <Tag tone={released_at ? "info" : "neutral"}>{t(released_at ? "released" : "unreleased")}</Tag>
        </Group>
        <Steps report={report} onDeleted={onDeleted} />
      </header>
      <div className={classes.sides}>
        <section aria-label={t("values")}>
          <Values results={report.results} remove={!signed_at && can("lab_upload")} />
          {!signed_at && can("lab_upload") && <AddValue id={lab_report_id} />}
        </section>
        <section aria-label={t("file")}>
          <Contents shown={{ path, title, name: file_name, mime: mime_type }} />
          <Button
            mt="xs"
            size="xs"
            variant="default"
            classNames={{ root: classes.keep, label: classes.keepLabel }}
            leftSection={<IconDownload size={15} stroke={1.8} aria-hidden />}
            onClick={() => void download(path, file_name).catch((error: unknown) => failed(error, t))}
          >
            {t("keep", { name: file_name })}
          </Button>
        </section>
      </div>
    </article>
  );
}

function Steps({ report, onDeleted }: { report: WholeReport; onDeleted: (() => void) | undefined }) {
  const { t } = useTranslation("labs");
  const can = useCan();
  const { role } = useMe();
  const confirm = useConfirm();
  const { lab_report_id, title, version, signed_at, released_at } = report;
  const params = { path: { lab_report_id } };
  const sign = useApiMutation("put", "/api/lab-reports/{lab_report_id}/sign", { invalidates: LAB_READS });
  const update = useApiMutation("put", "/api/lab-reports/{lab_report_id}", { invalidates: LAB_READS });
  const remove = useApiMutation("delete", "/api/lab-reports/{lab_report_id}", { invalidates: LAB_READS });
  const run = async (work: () => Promise<unknown>, said: string) => {
    try {
      await work();
      done(said);
      return true;
    } catch (error) {
      failed(error, t);
      return false;
    }
  };
  const erase = async () => {
    const question = {
      title: t("deleteTitle", { name: title }),
      body: t("deleteBody"),
      action: t("delete"),
      danger: true,
    };
    if (!(await confirm(question))) return;
    if (await run(() => remove.mutateAsync({ params, version }), t("deleted", { name: title }))) onDeleted?.();
  };
  const Eye = released_at ? IconEyeOff : IconEye;
  return (
    <Group gap="xs">
      {!signed_at && can("chart_write") && role === "doctor" && (
        <Button
          size="xs"
          loading={sign.isPending}
          leftSection={<IconSignature size={16} stroke={1.8} aria-hidden />}
          onClick={() => void run(() => sign.mutateAsync({ params, version }), t("nowSigned"))}
        >
          {t("sign")}
        </Button>
      )}
      {can("chart_write") && (
        <Button
          size="xs"
          variant="default"
          loading={update.isPending}
          leftSection={<Eye size={16} stroke={1.8} aria-hidden />}
          onClick={() =>
            void run(
              () => update.mutateAsync({ params, body: { released: !released_at }, version }),
              t(released_at ? "nowHidden" : "nowReleased"),
            )
          }
        >
          {t(released_at ? "hide" : "release")}
        </Button>
      )}
      {can("chart_delete") && (
        <ActionIcon aria-label={t("deleteOne", { name: title })} onClick={() => void erase()}>
          <IconTrash size={17} stroke={1.8} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  );
}

interface ValuesProps {
  results: readonly Result[];
  /** Whether a value that was noted by mistake can be taken away. */
  remove?: boolean;
}

export function Values({ results, remove = false }: ValuesProps) {
  const { t } = useTranslation("labs");
  const time = useTime();
  if (results.length === 0) return <p className={classes.small}>{t("noValues")}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div className={classes.scroller} role="region" aria-label={t("values")} tabIndex={0}>
      <table className={classes.values}>
        <caption className="visually-hidden">{t("values")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("analyte")}</th>
            <th scope="col">{t("value")}</th>
            <th scope="col">{t("range")}</th>
            {remove && (
              <th scope="col">
                <span className="visually-hidden">{t("takeAway")}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {results.map((result) => (
            <tr key={result.lab_result_id}>
              <th scope="row">{result.analyte}</th>
              <td>
                <strong>{readingOf(result, time.language)}</strong> {result.unit}{" "}
                {result.flag && result.flag !== "normal" && (
                  <Tag tone={TONES[result.flag]}>{t(`flag.${result.flag}`)}</Tag>
                )}
              </td>
              <td>{rangeOf(result, time.language)}</td>
              {remove && (
                <td className={classes.away}>
                  <TakeAway result={result} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
