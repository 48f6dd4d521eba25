/** The same days as a list, also what was cancelled: for the keyboard, for a phone, for paper. */
import { IconCalendarEvent } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { DataTable } from "@/ui/DataTable";
import { Message } from "@/ui/states";
import { Tag } from "@/ui/Tag";
import { useTime } from "@/ui/useTime";
import { isOver, type Schedule } from "./layout";
import classes from "./schedule.module.css";

interface ListViewProps {
  schedule: Schedule;
  provider: number | undefined;
  onOpen: (id: number) => void;
}

export default function ListView({ schedule, provider, onOpen }: ListViewProps) {
  const { t } = useTranslation("schedule");
  const time = useTime();
  const rows = schedule.appointments.filter((each) => provider === undefined || each.provider_user_id === provider);
  if (rows.length === 0) return <Message icon={IconCalendarEvent} title={t("nothing")} />;
  return (
    <DataTable
      label={t("title")}
      rows={rows}
      rowKey={({ appointment_id }) => appointment_id}
      onOpen={({ appointment_id }) => onOpen(appointment_id)}
      columns={[
        {
          key: "who",
          label: t("patient"),
          cell: ({ appointment_id, patient }) => (
            <button type="button" className={classes.link} onClick={() => onOpen(appointment_id)}>
              {patient.first_name} {patient.last_name}
            </button>
          ),
        },
        {
          key: "when",
          label: t("when"),
          cell: ({ scheduled_start, scheduled_end }) =>
            `${time.day(time.dayOf(scheduled_start), "short")} ${time.range(scheduled_start, scheduled_end)}`,
        },
        { key: "with", label: t("doctor"), cell: ({ provider_name }) => provider_name },
        {
          key: "why",
          label: t("reason"),
          wideOnly: true,
          cell: ({ reason, service }) => reason ?? service?.description ?? "–",
        },
        {
          key: "status",
          label: t("state"),
          cell: (each) => <Tag tone={isOver(each) ? "neutral" : "info"}>{t(`common:appointment.${each.status}`)}</Tag>,
        },
      ]}
    />
  );
}
