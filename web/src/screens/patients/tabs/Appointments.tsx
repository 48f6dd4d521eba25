/** Every appointment of the patient in this clinic. */
import { IconCalendarEvent } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { DataTable, Pager } from "@/ui/DataTable";
import { Message, QueryView } from "@/ui/states";
import { useTime } from "@/ui/useTime";
import type { TabProps } from "../tabs";

export function Appointments({ summary: { patient } }: TabProps) {
  const { t } = useTranslation("patients");
  const time = useTime();
  const [page, setPage] = useState(1);
  const query = useApiQuery("/api/appointments", {
    query: { patient_id: patient.patient_id, page, per_page: 20, sort: "scheduled_start", order: "desc" },
  });
  return (
    <QueryView
      query={query}
      isEmpty={(data) => data.appointments.length === 0}
      empty={<Message icon={IconCalendarEvent} title={t("nothingYet")} />}
    >
      {(data) => (
        <>
          <DataTable
            label={t("appointments")}
            rows={data.appointments}
            rowKey={({ appointment_id }) => appointment_id}
            busy={query.isPlaceholderData}
            columns={[
              {
                key: "when",
                label: t("when"),
                whole: true,
                cell: ({ scheduled_start }) => time.dateTime(scheduled_start),
              },
              { key: "with", label: t("doctor"), cell: ({ provider_name }) => provider_name },
              { key: "why", label: t("why"), cell: ({ reason }) => reason ?? "–" },
              { key: "status", label: t("state"), cell: ({ status }) => t(`common:appointment.${status}`) },
              {
                key: "reference",
                label: t("reference"),
                wideOnly: true,
                whole: true,
                cell: ({ reference }) => reference,
              },
            ]}
          />
          <Pager pagination={data.pagination} onPage={setPage} />
        </>
      )}
    </QueryView>
  );
}
