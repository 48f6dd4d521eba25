/** Books what is pasted as rows: looked at first, then booked as far as it fits, with a result for each row. */
import { Alert, Button, Group, Select, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { SEND } from "@/api/operations";
import { type Answer, useApiMutation } from "@/api/query";
import { Dialog } from "@/ui/Dialog";
import { FormProblem } from "@/ui/form/FormProblem";
import { sentence } from "@/ui/problemText";
import { Tag } from "@/ui/Tag";
import { useTime } from "@/ui/useTime";
import type { Schedule } from "./layout";
import { COLUMNS, MOST_ROWS, meant, parseRows, type Row } from "./rows";
import classes from "./schedule.module.css";

type Patient = Answer<"/api/patients/search">["patients"][number];
type Result = Answer<"/api/appointments/schedule", "post">["results"][number];
type Found = Patient | "nobody" | "several";

const INVALIDATES = ["/api/schedule", "/api/board", "/api/appointments", "/api/slots", "/api/patients/{patient_id}"];
/** So many patients are looked for at once. */
const AT_ONCE = 4;

interface Checked {
  row: Row;
  patient: Found | null;
}

interface BulkDialogProps {
  schedule: Schedule;
  provider: number | undefined;
  onClose: () => void;
}

export default function BulkDialog({ schedule, provider, onClose }: BulkDialogProps) {
  const { t } = useTranslation("schedule");
  const [pasted, paste] = useState("");
  const [whose, setWhose] = useState(String(provider ?? schedule.doctors[0]?.user_id ?? ""));
  const [checked, setChecked] = useState<readonly Checked[] | null>(null);
  const [results, setResults] = useState<ReadonlyMap<Checked, Result>>(new Map());
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const time = useTime();
  const book = useApiMutation("post", "/api/appointments/schedule", { invalidates: INVALIDATES });
  const rows = parseRows(pasted, {
    doctors: schedule.doctors,
    provider: Number(whose),
    minutes: schedule.slot_minutes,
  });
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    await work().catch(setProblem);
    setBusy(false);
  };
  const look = async () => {
    const found = await lookUp(rows.filter(({ fault }) => fault === null).map(({ patient }) => patient));
    setChecked(rows.map((row) => ({ row, patient: row.fault === null ? (found.get(row.patient) ?? "nobody") : null })));
  };
  const good = (checked ?? []).filter((each): each is Checked & { patient: Patient } => isPatient(each.patient));
  const send = async () => {
    const answer = await book.mutateAsync({
      body: {
        mode: "partial",
        appointments: good.map(({ row, patient }) => {
          const start = time.instantOf(row.day, row.time).instant;
          return {
            patient_id: patient.patient_id,
            provider_user_id: row.provider,
            scheduled_start: start.toISOString(),
            scheduled_end: new Date(start.getTime() + row.minutes * 60_000).toISOString(),
            reason: row.reason || null,
          };
        }),
      },
    });
    setResults(new Map(answer.results.flatMap((result) => pair(good[result.index], result))));
  };
  const correct = () => {
    paste(
      (checked ?? [])
        .filter((each) => !results.get(each)?.appointment)
        .map(({ row }) => row.text)
        .join("\n"),
    );
    setChecked(null);
    setResults(new Map());
  };
  const isDone = results.size > 0;
  const open = (checked ?? []).filter((each) => !results.get(each)?.appointment).length;
  return (
    <Dialog onClose={onClose} size="xl" title={t("bulkTitle")} closeOnClickOutside={false}>
      <Stack gap="md">
        <FormProblem problem={problem} />
        {checked === null ? (
          <>
            <p className={classes.small}>
              {t("bulkHint", { columns: COLUMNS.map((column) => t(column)).join(" · ") })}
            </p>
            <Select
              label={t("bulkDoctor")}
              allowDeselect={false}
              data={schedule.doctors.map(({ user_id, name }) => ({ value: String(user_id), label: name }))}
              value={whose}
              onChange={(value) => value && setWhose(value)}
            />
            <Textarea
              label={t("bulkRows")}
              data-autofocus
              minRows={6}
              maxRows={14}
              spellCheck={false}
              placeholder={"ABC01-P17\t2026-04-15\t09:30\t30"}
              value={pasted}
              error={rows.length > MOST_ROWS ? t("bulkTooMany", { count: MOST_ROWS }) : undefined}
              onChange={(event) => paste(event.currentTarget.value)}
            />
          </>
        ) : (
          <Rows checked={checked} results={results} schedule={schedule} />
        )}
        {isDone && (
          <Alert role="status" color={open === 0 ? "teal" : "yellow"}>
            {t("seriesResult", { count: checked ? checked.length - open : 0 })}
            {open > 0 && ` ${t("bulkOpen", { count: open })}`}
          </Alert>
        )}
        <Group justify="end" gap="xs">
          {checked === null ? (
            <>
              <Button variant="default" onClick={onClose}>
                {t("common:action.cancel")}
              </Button>
              <Button
                loading={busy}
                disabled={rows.length === 0 || rows.length > MOST_ROWS}
                onClick={() => void run(look)}
              >
                {t("bulkCheck", { count: rows.length })}
              </Button>
            </>
          ) : (
            <>
              {open > 0 && (
                <Button variant="default" onClick={correct}>
                  {t(isDone ? "bulkCorrect" : "bulkBack")}
                </Button>
              )}
              {isDone ? (
                <Button onClick={onClose}>{t("common:action.close")}</Button>
              ) : (
                <Button loading={busy} disabled={good.length === 0} onClick={() => void run(send)}>
                  {t("bulkBook", { count: good.length })}
                </Button>
              )}
            </>
          )}
        </Group>
      </Stack>
    </Dialog>
  );
}

const isPatient = (found: Found | null): found is Patient => found !== null && typeof found === "object";
const pair = (each: Checked | undefined, result: Result): [Checked, Result][] => (each ? [[each, result]] : []);

/** Whom each cell means; a few at a time, each once. */
async function lookUp(cells: readonly string[]): Promise<ReadonlyMap<string, Found>> {
  const waiting = [...new Set(cells)];
  const found = new Map<string, Found>();
  const work = async () => {
    for (let cell = waiting.pop(); cell !== undefined; cell = waiting.pop()) {
      const answer = await SEND.get("/api/patients/search", { params: { query: { q: cell, per_page: 10 } } });
      found.set(cell, meant(cell, (answer.data as Answer<"/api/patients/search">).patients));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}

interface RowsProps {
  checked: readonly Checked[];
  results: ReadonlyMap<Checked, Result>;
  schedule: Schedule;
}

function Rows({ checked, results, schedule }: RowsProps) {
  const { t } = useTranslation("schedule");
  const time = useTime();
  const nameOf = (user: number) => schedule.doctors.find(({ user_id }) => user_id === user)?.name ?? "–";
  const said = (each: Checked): { good: boolean; text: string } => {
    const result = results.get(each);
    if (result?.appointment) return { good: true, text: t("booked", { reference: result.appointment.reference }) };
    if (result) return { good: false, text: result.error ? sentence(result.error, t) : t("notBooked") };
    if (each.row.fault) return { good: false, text: t(`fault.${each.row.fault}`) };
    if (!isPatient(each.patient)) return { good: false, text: t(`fault.${each.patient ?? "nobody"}`) };
    return { good: true, text: t("ready") };
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div className={classes.scroller} role="region" aria-label={t("bulkRows")} tabIndex={0}>
      <table className={classes.rows}>
        <thead>
          <tr>
            {(["patient", "when", "doctor", "state"] as const).map((key) => (
              <th key={key} scope="col">
                {t(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {checked.map((each, at) => {
            const { row, patient } = each;
            const { good, text } = said(each);
            return (
              <tr key={at.toString()}>
                <td>{isPatient(patient) ? `${patient.first_name} ${patient.last_name}` : row.patient || row.text}</td>
                <td>{row.fault ? `${row.day} ${row.time}` : `${time.day(row.day, "weekday")} ${row.time}`}</td>
                <td>{nameOf(row.provider)}</td>
                <td>
                  <Tag tone={good ? "good" : "bad"}>{text}</Tag>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
