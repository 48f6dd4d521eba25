/** The entries of one kind in a chart, and what may be done with each. */
import { ActionIcon, Menu, Text, UnstyledButton } from "@mantine/core";
import { IconDots, IconPlus } from "@tabler/icons-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiMutation } from "@/api/query";
import { Card } from "@/ui/Card";
import { useConfirm } from "@/ui/confirm";
import { useCan } from "@/ui/session";
import { Tag } from "@/ui/Tag";
import { done, failed } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import classes from "./clinical.module.css";
import { about, ENDING, type FormKind, isGrave } from "./records";
import { CHART_READS, type Entry } from "./types";

const RecordDialog = lazy(() => import("./RecordDialog"));

interface RecordSectionProps {
  kind: FormKind;
  patientId: number;
  /** The visit in which new entries are written down. */
  visitId?: number | null;
  entries: readonly Entry[];
  /** What stands above the entries. */
  lead?: ReactNode;
  /** How many are shown before one asks for the rest. */
  most?: number;
}

export function RecordSection({ kind, patientId, visitId = null, entries, lead, most = 8 }: RecordSectionProps) {
  const { t } = useTranslation("clinical");
  const can = useCan();
  const [edited, edit] = useState<Partial<Entry> | null>(null);
  const [isWhole, showAll] = useState(false);
  const shown = isWhole ? entries : entries.slice(0, most);
  return (
    <Card
      className={classes.section}
      title={t(`section.${kind}`)}
      actions={
        can("chart_write") && (
          <ActionIcon aria-label={t(`add.${kind}`)} title={t(`add.${kind}`)} onClick={() => edit({ kind })}>
            <IconPlus size={18} stroke={1.8} aria-hidden />
          </ActionIcon>
        )
      }
    >
      {lead}
      {entries.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t(`nothing.${kind}`)}
        </Text>
      ) : (
        <ul className={classes.entries}>
          {shown.map((entry) => (
            <Row key={entry.record_id} kind={kind} entry={entry} onEdit={() => edit(entry)} />
          ))}
        </ul>
      )}
      {shown.length < entries.length && (
        <UnstyledButton className={classes.rest} onClick={() => showAll(true)}>
          {t("showAll", { count: entries.length })}
        </UnstyledButton>
      )}
      <Suspense>
        {edited && (
          <RecordDialog kind={kind} patientId={patientId} visitId={visitId} entry={edited} onClose={() => edit(null)} />
        )}
      </Suspense>
    </Card>
  );
}

function Row({ kind, entry, onEdit }: { kind: FormKind; entry: Entry; onEdit: () => void }) {
  const { t } = useTranslation("clinical");
  const time = useTime();
  const days =
    kind === "note"
      ? time.dateTime(entry.recorded_at)
      : [entry.started_on, entry.ended_on].map((day) => (day ? time.day(day, "medium") : "")).join(" – ");
  const words = about(entry).join(" · ");
  return (
    <li className={classes.entry} data-grave={(kind === "allergy" && isGrave(entry.severity)) || undefined}>
      <div className={classes.entryText}>
        <span className={classes.entryName}>
          {entry.name ?? t(`section.${kind}`)}
          {entry.code && <span className={classes.small}> {entry.code}</span>}
        </span>
        {entry.severity && <Tag tone={isGrave(entry.severity) ? "bad" : "warn"}>{t(`severity.${entry.severity}`)}</Tag>}
        {entry.status && entry.status !== "active" && entry.status !== "given" && (
          <Tag>{t(`entryStatus.${entry.status}`)}</Tag>
        )}
        {entry.sensitive && <Tag tone="accent">{t("sensitive")}</Tag>}
        {words && (
          <p className={classes.small} dir="auto">
            {words}
          </p>
        )}
        {kind === "note" && <p className={classes.note}>{entry.details}</p>}
        {days.replace(" – ", "") && <p className={classes.small}>{days.replace(/ – $/, "")}</p>}
      </div>
      <EntryMenu kind={kind} entry={entry} onEdit={onEdit} />
    </li>
  );
}

/** Change, end with one click, delete: each for those who may. */
function EntryMenu({ kind, entry, onEdit }: { kind: FormKind; entry: Entry; onEdit: () => void }) {
  const { t } = useTranslation("clinical");
  const can = useCan();
  const time = useTime();
  const confirm = useConfirm();
  const change = useApiMutation("put", "/api/patients/{patient_id}/records/{record_id}", { invalidates: CHART_READS });
  const remove = useApiMutation("delete", "/api/patients/{patient_id}/records/{record_id}", {
    invalidates: CHART_READS,
  });
  const params = { path: { patient_id: entry.patient_id, record_id: entry.record_id } };
  const name = entry.name ?? t(`section.${kind}`);
  const ending = ENDING[kind];
  const run = async (work: () => Promise<unknown>, said: string) => {
    try {
      await work();
      done(said);
    } catch (error) {
      failed(error, t);
    }
  };
  const end = () => {
    if (!ending) return;
    const ended = kind === "allergy" ? {} : { ended_on: time.today() };
    void run(
      () => change.mutateAsync({ params, body: { status: ending, ...ended }, version: entry.version }),
      t("ended", { name, state: t(`entryStatus.${ending}`) }),
    );
  };
  const erase = async () => {
    const question = { title: t("deleteTitle", { name }), body: t("deleteBody"), action: t("delete"), danger: true };
    if (await confirm(question)) {
      void run(() => remove.mutateAsync({ params, version: entry.version }), t("deleted", { name }));
    }
  };
  if (!can("chart_write") && !can("chart_delete")) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size="md" aria-label={t("entryMenu", { name })}>
          <IconDots size={17} stroke={1.8} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {can("chart_write") && <Menu.Item onClick={onEdit}>{t("change")}</Menu.Item>}
        {can("chart_write") && ending && entry.status === "active" && (
          <Menu.Item onClick={end}>{t(`end.${ending}`)}</Menu.Item>
        )}
        {can("chart_delete") && (
          <Menu.Item color="red" onClick={() => void erase()}>
            {t("delete")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
