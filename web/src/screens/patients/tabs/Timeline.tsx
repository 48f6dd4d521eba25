/** What happened, newest first. */
import { SegmentedControl } from "@mantine/core";
import { IconCalendarEvent, IconReceipt } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { Message, QueryView } from "@/ui/states";
import { useTime } from "@/ui/useTime";
import classes from "../patients.module.css";
import type { TabProps } from "../tabs";

const KINDS = ["all", "appointment", "invoice"] as const;
type Kind = (typeof KINDS)[number];

export function Timeline({ summary: { patient } }: TabProps) {
  const { t } = useTranslation("patients");
  const time = useTime();
  const [kind, setKind] = useState<Kind>("all");
  const query = useApiQuery("/api/patients/{patient_id}/timeline", { path: { patient_id: patient.patient_id } });
  return (
    <>
      <SegmentedControl
        mb="md"
        aria-label={t("show")}
        value={kind}
        onChange={(value) => setKind(value as Kind)}
        data={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
      />
      <QueryView
        query={query}
        isEmpty={(data) => data.entries.length === 0}
        empty={<Message icon={IconCalendarEvent} title={t("nothingYet")} />}
      >
        {(data) => (
          <ol className={classes.timeline}>
            {data.entries
              .filter((entry) => kind === "all" || entry.kind === kind)
              .map((entry) => {
                const Icon = entry.kind === "invoice" ? IconReceipt : IconCalendarEvent;
                return (
                  <li key={`${entry.kind}-${entry.id}`}>
                    <Icon size={18} stroke={1.6} aria-hidden />
                    <div>
                      <span>
                        {entry.summary ?? t(`kind.${entry.kind}`)} · {t(`status.${entry.status}`, entry.status)}
                      </span>
                      <span className={classes.small}>
                        {time.dateTime(entry.at)} · {entry.reference}
                      </span>
                    </div>
                  </li>
                );
              })}
          </ol>
        )}
      </QueryView>
    </>
  );
}
