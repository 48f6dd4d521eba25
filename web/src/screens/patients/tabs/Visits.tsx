/** Every visit of the patient, the latest first. */
import { Button } from "@mantine/core";
import { IconStethoscope } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useApiPages } from "@/api/pages";
import { DataTable } from "@/ui/DataTable";
import { Message, QueryView } from "@/ui/states";
import { Tag } from "@/ui/Tag";
import { useTime } from "@/ui/useTime";
import classes from "../patients.module.css";
import type { TabProps } from "../tabs";

const AT_ONCE = 20;

export function Visits({ summary: { patient } }: TabProps) {
  const { t } = useTranslation("patients");
  const time = useTime();
  const { patient_id } = patient;
  const query = useApiPages("/api/patients/{patient_id}/visits", { path: { patient_id }, query: { limit: AT_ONCE } });
  const visits = query.data?.pages.flatMap((page) => page.visits);
  return (
    <QueryView
      query={{ data: visits, error: query.error, refetch: query.refetch as never }}
      isEmpty={(rows) => rows.length === 0}
      empty={<Message icon={IconStethoscope} title={t("nothingYet")} />}
    >
      {(rows) => (
        <>
          <DataTable
            label={t("tab.visits")}
            rows={rows}
            rowKey={({ visit_id }) => visit_id}
            columns={[
              {
                key: "when",
                label: t("when"),
                cell: ({ visit_id, started_at }) => (
                  <Link to="/visits/$visitId" params={{ visitId: String(visit_id) } as never} className={classes.name}>
                    {time.dateTime(started_at)}
                  </Link>
                ),
              },
              { key: "with", label: t("doctor"), cell: ({ provider_name }) => provider_name },
              {
                key: "what",
                label: t("diagnoses"),
                cell: ({ diagnoses }) => diagnoses.map(({ description }) => description).join("; ") || "–",
              },
              {
                key: "state",
                label: t("state"),
                cell: ({ status }) => (
                  <Tag tone={status === "completed" ? "neutral" : "info"}>{t(`status.${status}`)}</Tag>
                ),
              },
              {
                key: "reference",
                label: t("reference"),
                wideOnly: true,
                whole: true,
                cell: ({ reference }) => reference,
              },
            ]}
          />
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
  );
}
