/** Everything that happened, newest first; of all kinds or of some. */
import { Button, Chip, Group } from "@mantine/core";
import {
  IconCalendarEvent,
  IconClipboardText,
  IconReceipt,
  IconStethoscope,
  type TablerIcon,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiPages } from "@/api/pages";
import { useCan } from "@/ui/session";
import { Message, QueryView } from "@/ui/states";
import { useTime } from "@/ui/useTime";
import classes from "../patients.module.css";
import type { TabProps } from "../tabs";
import type { TimelineEntry } from "../types";

type Kind = TimelineEntry["kind"];

const PATH = "/api/patients/{patient_id}/timeline";
const AT_ONCE = 50;
const ICONS: Readonly<Record<Kind, TablerIcon>> = {
  appointment: IconCalendarEvent,
  visit: IconStethoscope,
  record: IconClipboardText,
  invoice: IconReceipt,
};
const CLINICAL: readonly Kind[] = ["visit", "record"];

export function Timeline({ summary: { patient } }: TabProps) {
  const { t } = useTranslation("patients");
  const can = useCan();
  const [chosen, choose] = useState<Kind[]>([]);
  const { patient_id } = patient;
  const offered = (Object.keys(ICONS) as Kind[]).filter(
    (kind) => (!CLINICAL.includes(kind) || can("chart_read")) && (kind !== "invoice" || can("invoice_read")),
  );
  const query = useApiPages(PATH, {
    path: { patient_id },
    // The API wants the kinds with commas between.
    query: { limit: AT_ONCE, ...(chosen.length > 0 ? { kind: chosen.join(",") as never } : {}) },
  });
  const entries = query.data?.pages.flatMap((page) => page.entries);
  return (
    <>
      <Chip.Group multiple value={chosen} onChange={(kinds) => choose(kinds as Kind[])}>
        <Group gap="xs" mb="md" role="group" aria-label={t("show")}>
          {offered.map((kind) => (
            <Chip key={kind} value={kind} size="sm">
              {t(`kind.${kind}`)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <QueryView
        query={{ data: entries, error: query.error, refetch: query.refetch as never }}
        isEmpty={(all) => all.length === 0}
        empty={<Message icon={IconCalendarEvent} title={t("nothingYet")} />}
      >
        {(all) => (
          <>
            <ol className={classes.timeline}>
              {all.map((entry) => (
                <Row key={`${entry.kind}-${entry.id}`} entry={entry} />
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

function Row({ entry }: { entry: TimelineEntry }) {
  const { t } = useTranslation("patients");
  const time = useTime();
  const Icon = ICONS[entry.kind];
  const measured = (names: string) =>
    names
      .split(", ")
      .filter((name) => name !== "diastolic")
      .map((name) => t(`clinical:vital.${name === "systolic" ? "pressure" : name}`))
      .join(", ");
  const isMeasured = entry.kind === "record" && entry.reference === "vitals";
  const what = entry.summary ? (isMeasured ? measured(entry.summary) : entry.summary) : t(`kindOne.${entry.kind}`);
  const id = String(entry.id);
  const states = entry.kind === "appointment" ? "common:appointment" : "status";
  return (
    <li>
      <Icon size={18} stroke={1.6} aria-hidden />
      <div>
        <span>
          {entry.kind === "visit" ? (
            <Link to="/visits/$visitId" params={{ visitId: id } as never} className={classes.name}>
              {what}
            </Link>
          ) : entry.kind === "invoice" ? (
            <Link to="/billing/$invoiceId" params={{ invoiceId: id }} className={classes.name}>
              {what}
            </Link>
          ) : (
            what
          )}
          {entry.status && ` · ${t(`${states}.${entry.status}`, entry.status)}`}
        </span>
        <span className={classes.small}>
          {time.dateTime(entry.at)} · {t(`recordKind.${entry.reference}`, entry.reference)}
        </span>
      </div>
    </li>
  );
}
