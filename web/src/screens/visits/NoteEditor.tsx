/** The note in its four parts, with templates; and the note as it was written. */
import { Button, Loader, Menu, Textarea } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCloudOff, IconTemplate } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { Card } from "@/ui/Card";
import type { Visit } from "@/ui/clinical/types";
import { problemText } from "@/ui/problemText";
import { useCan } from "@/ui/session";
import { useNow, useTime } from "@/ui/useTime";
import { filled, type Notes, notesOf, PARTS } from "./notes";
import type { Saving } from "./useNotes";
import classes from "./visits.module.css";

const TemplatesDialog = lazy(() => import("./TemplatesDialog"));

const MOST = 20_000;

interface NoteEditorProps {
  notes: Notes;
  change: (notes: Notes) => void;
  flush: () => unknown;
}

export function NoteEditor({ notes, change, flush }: NoteEditorProps) {
  const { t } = useTranslation("visits");
  return (
    <Card title={t("note")} className={classes.card} actions={<Templates notes={notes} change={change} />}>
      {PARTS.map((part) => (
        <Textarea
          key={part}
          label={t(`part.${part}`)}
          description={t(`partHint.${part}`)}
          minRows={part === "subjective" || part === "plan" ? 3 : 2}
          maxRows={24}
          maxLength={MOST}
          mb="sm"
          value={notes[part]}
          onChange={(event) => change({ ...notes, [part]: event.currentTarget.value })}
          onBlur={flush}
        />
      ))}
    </Card>
  );
}

function Templates({ notes, change }: Omit<NoteEditorProps, "flush">) {
  const { t } = useTranslation("visits");
  const can = useCan();
  const [isManaging, manage] = useState(false);
  const [isAsked, ask] = useState(false);
  const query = useApiQuery("/api/visit-templates", {}, { enabled: isAsked && can("staff_read") });
  if (!can("staff_read")) return null;
  const templates = query.data?.templates ?? [];
  return (
    <>
      <Menu position="bottom-end" onOpen={() => ask(true)}>
        <Menu.Target>
          <Button size="xs" variant="default" leftSection={<IconTemplate size={15} stroke={1.8} aria-hidden />}>
            {t("templates")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {templates.map((template) => (
            <Menu.Item key={template.template_id} onClick={() => change(filled(notes, template))}>
              {template.name}
            </Menu.Item>
          ))}
          {query.isSuccess && templates.length === 0 && <Menu.Label>{t("noTemplates")}</Menu.Label>}
          <Menu.Divider />
          <Menu.Item onClick={() => manage(true)}>{t("manageTemplates")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Suspense>{isManaging && <TemplatesDialog notes={notes} onClose={() => manage(false)} />}</Suspense>
    </>
  );
}

/** What was written, when it can't be changed. */
export function WrittenNote({ visit }: { visit: Visit }) {
  const { t } = useTranslation("visits");
  const notes = notesOf(visit);
  const written = PARTS.filter((part) => notes[part] !== "");
  return (
    <Card title={t("note")} className={classes.card}>
      {written.length === 0 ? (
        <p className={classes.small}>{t("noNote")}</p>
      ) : (
        <dl className={classes.soap}>
          {written.map((part) => (
            <div key={part}>
              <dt>{t(`part.${part}`)}</dt>
              <dd className={classes.written}>{notes[part]}</dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}

/** Whether what is typed is stored. */
export function SavedMark({ saving, retry }: { saving: Saving; retry: () => void }) {
  const { t } = useTranslation("visits");
  const time = useTime();
  const now = useNow(2);
  if (saving.state === "failed" || saving.state === "torn") {
    return (
      <Button
        size="xs"
        variant="default"
        leftSection={<IconAlertTriangle size={15} stroke={2} aria-hidden />}
        onClick={retry}
      >
        {saving.state === "failed" ? t("notSaved", { why: problemText(saving.problem, t) }) : t("saving.torn")}
      </Button>
    );
  }
  const since = (at: Date) => {
    const seconds = Math.max(0, Math.round((now.getTime() - at.getTime()) / 1000));
    if (seconds >= 60) return time.relative(at, now);
    return new Intl.RelativeTimeFormat(time.language, { style: "short", numeric: "auto" }).format(-seconds, "second");
  };
  const Icon = saving.state === "away" ? IconCloudOff : IconCheck;
  const isBusy = saving.state === "saving" || saving.state === "dirty";
  return (
    <span className={classes.saved} data-state={saving.state}>
      {isBusy ? <Loader size={14} /> : <Icon size={16} stroke={2} aria-hidden />}
      <span aria-hidden>
        {saving.state === "saved" && saving.at ? t("savedAgo", { ago: since(saving.at) }) : t(`saving.${saving.state}`)}
      </span>
      <span className="visually-hidden" role="status">
        {saving.state === "dirty" ? "" : t(`saving.${saving.state}`)}
      </span>
    </span>
  );
}
