/** Everything that happened, newest first; of all kinds or of some. */
import { Button, Chip, Group } from "@mantine/core";
import {
  IconCalendarEvent,
  IconClipboardText,
  IconFile,
  IconPrescription,
  IconReceipt,
  IconStethoscope,
  IconTestPipe,
  type TablerIcon,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiPages } from "@/api/pages";
import type { Permission } from "@/api/types";
import type { Kind as RecordKind } from "@/ui/clinical/types";
import { useCan } from "@/ui/session";
import { Message, QueryView } from "@/ui/states";
import { useTime } from "@/ui/useTime";
import classes from "../patients.module.css";
import type { TabProps } from "../tabs";
import type { TimelineEntry } from "../types";

type Kind = TimelineEntry["kind"];

const PATH = "/api/patients/{patient_id}/timeline";
const AT_ONCE = 50;
/** What is asked for, in the order in which it is offered, and what one needs to see it. */
const KINDS: Readonly<Record<Kind, { Icon: TablerIcon; needs: Permission }>> = {
  appointment: { Icon: IconCalendarEvent, needs: "appointment_read" },
  visit: { Icon: IconStethoscope, needs: "chart_read" },
  record: { Icon: IconClipboardText, needs: "chart_read" },
  prescription: { Icon: IconPrescription, needs: "chart_read" },
  lab_report: { Icon: IconTestPipe, needs: "chart_read" },
  document: { Icon: IconFile, needs: "chart_read" },
  invoice: { Icon: IconReceipt, needs: "invoice_read" },
};
const RECORD_KINDS: readonly RecordKind[] = ["condition", "allergy", "medication", "immunization", "vitals", "note"];
/** The side of the chart that shows what has no page of its own. */
const TABS: Readonly<Partial<Record<Kind, string>>> = {
  prescription: "prescriptions",
  lab_report: "labs",
  document: "documents",
};
/** Where the words for a state are, where not among the patients'. */
const STATES: Readonly<Partial<Record<Kind, string>>> = {
  appointment: "common:appointment",
  prescription: "clinical:rxStatus",
};

export function Timeline({ summary: { patient } }: TabProps) {
  const { t } = useTranslation("patients");
  const can = useCan();
  const [chosen, choose] = useState<Kind[]>([]);
  const [records, chooseRecords] = useState<RecordKind[]>([]);
  const { patient_id } = patient;
  const offered = (Object.keys(KINDS) as Kind[]).filter((kind) => can(KINDS[kind].needs));
  // Entries of some kinds are asked for instead of all of them.
  const asked = chosen.flatMap<Kind | RecordKind>((kind) =>
    kind === "record" && records.length > 0 ? records : [kind],
  );
  const query = useApiPages(PATH, {
    path: { patient_id },
    // The API wants the kinds with commas between.
    query: { limit: AT_ONCE, ...(asked.length > 0 ? { kind: asked.join(",") as never } : {}) },
  });
  const entries = query.data?.pages.flatMap((page) => page.entries);
  return (
    <>
      <Choice label={t("show")} all={offered} word={(kind) => t(`kind.${kind}`)} value={chosen} onChange={choose} />
      {chosen.includes("record") && (
        <Choice
          label={t("showEntries")}
          all={RECORD_KINDS}
          word={(kind) => t(`clinical:section.${kind}`)}
          value={records}
          onChange={chooseRecords}
        />
      )}
      <QueryView
        query={{ data: entries, error: query.error, refetch: query.refetch as never }}
        isEmpty={(all) => all.length === 0}
        empty={<Message icon={IconCalendarEvent} title={t("nothingYet")} />}
      >
        {(all) => (
          <>
            <ol className={classes.timeline}>
              {all.map((entry) => (
                <Row key={`${entry.kind}-${entry.id}`} entry={entry} patientId={patient_id} />
              ))}
            </ol>
            {query.hasNextPage && (
              <Button
                mt="sm"
                variant="default"
                loading={query.isFetchingNextPage}
                onClick={() => void query.fetchNextPage()}
              >
                {t("older")}
              </Button>
            )}
          </>
        )}
      </QueryView>
    </>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  all: readonly T[];
  word: (one: T) => string;
  value: T[];
  onChange: (value: T[]) => void;
}

/** Any of some; none chosen means all. */
function Choice<T extends string>({ label, all, word, value, onChange }: ChoiceProps<T>) {
  return (
    <Chip.Group multiple value={value} onChange={(next) => onChange(next as T[])}>
      <Group gap="xs" mb="md" role="group" aria-label={label}>
        {all.map((one) => (
          <Chip key={one} value={one} size="sm">
            {word(one)}
          </Chip>
        ))}
      </Group>
    </Chip.Group>
  );
}

function Row({ entry, patientId }: { entry: TimelineEntry; patientId: number }) {
  const { t } = useTranslation("patients");
  const time = useTime();
  const { Icon } = KINDS[entry.kind];
  const measured = (names: string) =>
    names
      .split(", ")
      .filter((name) => name !== "diastolic")
      .map((name) => t(`clinical:vital.${name === "systolic" ? "pressure" : name}`))
      .join(", ");
  const isMeasured = entry.kind === "record" && entry.reference === "vitals";
  const what = entry.summary ? (isMeasured ? measured(entry.summary) : entry.summary) : t(`kindOne.${entry.kind}`);
  return (
    <li>
      <Icon size={18} stroke={1.6} aria-hidden />
      <div>
        <span>
          <Linked entry={entry} patientId={patientId}>
            {what}
          </Linked>
          {entry.status && ` · ${t(`${STATES[entry.kind] ?? "status"}.${entry.status}`, entry.status)}`}
        </span>
        <span className={classes.small}>
          {time.dateTime(entry.at)} · <Reference entry={entry} />
        </span>
      </div>
    </li>
  );
}

/** To the page of what happened, or to the side of the chart that shows it. */
function Linked({ entry, patientId, children }: { entry: TimelineEntry; patientId: number; children: ReactNode }) {
  const id = String(entry.id);
  const tab = TABS[entry.kind];
  if (entry.kind === "visit") {
    return (
      <Link to="/visits/$visitId" params={{ visitId: id } as never} className={classes.name}>
        {children}
      </Link>
    );
  }
  if (entry.kind === "invoice") {
    return (
      <Link to="/billing/$invoiceId" params={{ invoiceId: id }} className={classes.name}>
        {children}
      </Link>
    );
  }
  if (tab) {
    return (
      <Link
        to="/patients/$patientId"
        params={{ patientId: String(patientId) }}
        search={{ tab } as never}
        className={classes.name}
      >
        {children}
      </Link>
    );
  }
  return children;
}

/** What it is, in small print. */
function Reference({ entry: { kind, reference } }: { entry: TimelineEntry }) {
  const { t } = useTranslation("patients");
  switch (kind) {
    case "prescription":
      return `${t("kindOne.prescription")} · ${reference}`;
    case "document":
      return `${t("kindOne.document")} · ${t(`files:categoryIs.${reference}`, reference)}`;
    case "lab_report": {
      const finding = reference === "critical" ? t("labs:critical") : reference && t("labs:flag.abnormal");
      return [t("kindOne.lab_report"), finding].filter(Boolean).join(" · ");
    }
    default:
      return t(`recordKind.${reference}`, reference);
  }
}
