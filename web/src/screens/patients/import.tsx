/** Brings in patients from a file: look first, then bring in, then see what was refused and why. */
import { Alert, Button, FileButton, Group, SegmentedControl, Select, Stack } from "@mantine/core";
import { IconDownload, IconFileSpreadsheet, IconUpload } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type DragEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { authorizedFetch } from "@/api/client";
import { ApiProblem, problemOf } from "@/api/problem";
import { invalidate, SubmissionKeys } from "@/api/query";
import { FormProblem } from "@/ui/form/FormProblem";
import { Page } from "@/ui/Page";
import { csv, FIELDS, mappingOf, saveAs } from "./file";
import classes from "./patients.module.css";
import type { ImportReport } from "./types";

type Mode = "keep_good" | "all_or_nothing";

interface Submission {
  /** The same for every try of the same file, until there is an answer. */
  key: string;
  dryRun: boolean;
  mode: Mode;
  columns: string;
}

/** One request: the file as it is, nothing of it read here. */
async function send(file: File, { key, dryRun, mode, columns }: Submission): Promise<ImportReport> {
  const url = new URL("/api/patients/import", location.origin);
  url.searchParams.set("dry_run", String(dryRun));
  url.searchParams.set("mode", mode);
  if (columns) url.searchParams.set("columns", columns);
  const request = new Request(url, {
    method: "POST",
    headers: { "Content-Type": "text/csv", "Idempotency-Key": key },
    body: await file.arrayBuffer(),
  });
  const answer = await authorizedFetch(request);
  if (!answer.ok) throw await problemOf(answer);
  return (await answer.json()) as ImportReport;
}

export function Screen() {
  const { t } = useTranslation("patients");
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [mode, setMode] = useState<Mode>("keep_good");
  const [mapping, setMapping] = useState<Readonly<Record<string, string>>>({});
  const [preview, setPreview] = useState<ImportReport | null>(null);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const keys = useRef(new SubmissionKeys());

  const run = async (chosen: File, dryRun: boolean, columns: Readonly<Record<string, string>>) => {
    setBusy(true);
    setProblem(null);
    const { name, size, lastModified } = chosen;
    const submission = keys.current.keyed({ name, size, lastModified, dryRun, mode, columns: mappingOf(columns) });
    try {
      const answer = await send(chosen, submission);
      keys.current.settle(submission);
      if (dryRun) setPreview(answer);
      else {
        setReport(answer);
        await invalidate(client, ["/api/patients"]);
      }
    } catch (error) {
      if (error instanceof ApiProblem) keys.current.settle(submission);
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const choose = (chosen: File | null) => {
    if (chosen === null) return;
    setFile(chosen);
    setReport(null);
    setPreview(null);
    setMapping({});
    void run(chosen, true, {});
  };
  const map = (column: string, field: string | null) => {
    const next = { ...mapping, [column]: field ?? "" };
    setMapping(next);
    if (file) void run(file, true, next);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    choose(event.dataTransfer.files[0] ?? null);
  };

  return (
    <Page title={t("importTitle")} subtitle={t("importIntro")}>
      <Stack gap="lg">
        <FormProblem problem={problem} />
        {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping a file is a short cut for the button inside */}
        <div className={classes.drop} onDragOver={(event) => event.preventDefault()} onDrop={drop}>
          <IconFileSpreadsheet size={28} stroke={1.5} aria-hidden />
          <span>{file ? file.name : t("dropHere")}</span>
          <FileButton accept=".csv,text/csv" onChange={choose}>
            {(props) => (
              <Button variant="default" leftSection={<IconUpload size={16} stroke={1.7} aria-hidden />} {...props}>
                {t(file ? "otherFile" : "chooseFile")}
              </Button>
            )}
          </FileButton>
        </div>
        {report && file ? (
          <Report report={report} />
        ) : (
          preview &&
          file && (
            <>
              <Columns report={preview} onMap={map} />
              <Preview report={preview} />
              <Refused report={preview} />
              <Group justify="space-between" align="end">
                <SegmentedControl
                  aria-label={t("mode")}
                  value={mode}
                  onChange={(value) => setMode(value as Mode)}
                  data={[
                    { value: "keep_good", label: t("keepGood") },
                    { value: "all_or_nothing", label: t("allOrNothing") },
                  ]}
                />
                <Button
                  loading={busy}
                  disabled={preview.importable === 0 || (mode === "all_or_nothing" && preview.refused_count > 0)}
                  onClick={() => void run(file, false, mapping)}
                >
                  {t("importNow", { count: preview.importable })}
                </Button>
              </Group>
            </>
          )
        )}
      </Stack>
    </Page>
  );
}

function Columns({ report, onMap }: { report: ImportReport; onMap: (column: string, field: string | null) => void }) {
  const { t } = useTranslation("patients");
  return (
    <fieldset className={classes.group}>
      <legend>{t("columns")}</legend>
      {report.missing.length > 0 && (
        <Alert color="yellow" mb="sm" role="status">
          {t("missingColumns", { fields: report.missing.map((field) => t(`field.${field as "dob"}`)).join(", ") })}
        </Alert>
      )}
      <div className={classes.columns}>
        {report.columns.map(({ column, field }) => (
          <Select
            key={column}
            label={column}
            placeholder={t("notTaken")}
            clearable
            searchable
            data={FIELDS.map((value) => ({ value, label: t(`field.${value}`) }))}
            value={field ?? null}
            onChange={(value) => onMap(column, value)}
          />
        ))}
      </div>
    </fieldset>
  );
}

function Preview({ report }: { report: ImportReport }) {
  const { t } = useTranslation("patients");
  const shown = FIELDS.filter((field) => report.preview.some((row) => (row as Record<string, unknown>)[field]));
  if (report.preview.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div className={classes.scroller} role="region" aria-label={t("firstRows")} tabIndex={0}>
      <table className={classes.rows}>
        <caption>{t("firstRows")}</caption>
        <thead>
          <tr>
            {shown.map((field) => (
              <th key={field} scope="col">
                {t(`field.${field}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {report.preview.map((row, at) => (
            <tr key={at.toString()}>
              {shown.map((field) => (
                <td key={field}>{String((row as Record<string, unknown>)[field] ?? "")}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Refused({ report }: { report: ImportReport }) {
  const { t } = useTranslation("patients");
  if (report.refused_count === 0) return null;
  const save = () =>
    saveAs(
      "refused.csv",
      csv(
        ["line", "field", "message"],
        report.refused.map((row) => [row.line, row.field ?? "", row.message]),
      ),
    );
  return (
    <fieldset className={classes.group}>
      <legend>{t("refused", { count: report.refused_count })}</legend>
      <ul className={classes.refused}>
        {report.refused.slice(0, 20).map((row, at) => (
          <li key={at.toString()}>
            <strong>{t("line", { line: row.line })}</strong> {row.message}
          </li>
        ))}
      </ul>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconDownload size={15} stroke={1.7} aria-hidden />}
        onClick={save}
      >
        {t("saveRefused")}
      </Button>
    </fieldset>
  );
}

function Report({ report }: { report: ImportReport }) {
  const { t } = useTranslation("patients");
  return (
    <>
      <Alert
        role="status"
        color={report.imported > 0 ? "teal" : "yellow"}
        title={t("imported", { count: report.imported })}
      >
        {t("skipped", { count: report.skipped_existing })}
      </Alert>
      <Refused report={report} />
      <Button component={Link} to="/patients" variant="default" w="fit-content">
        {t("toList")}
      </Button>
    </>
  );
}
