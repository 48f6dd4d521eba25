/** The clinics, each with its state and what happened in it in the period. */
import { Button, Group } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Answer } from "@/api/query";
import { type Column, DataTable, Pager } from "@/ui/DataTable";
import { useLocale } from "@/ui/useTime";
import classes from "./operator.module.css";
import { StatusTag } from "./StatusTag";
import { SORTS } from "./search";
import { type Clinic, NUMBERS, type Overview } from "./types";
import { useSetStatus } from "./useSetStatus";

const route = getRouteApi("/app/operator");
/** Left out on a phone; the file has them. */
const LESSER: readonly string[] = ["completed", "invoices"];

interface ClinicsProps {
  page: Answer<"/api/clinics">;
  usage: Overview | undefined;
  isBusy: boolean;
  onInvite: (clinic: Clinic) => void;
}

export function Clinics({ page: { clinics, pagination }, usage, isBusy, onInvite }: ClinicsProps) {
  const { t } = useTranslation("operator");
  const { sort = "code", order = "asc" } = route.useSearch();
  const navigate = route.useNavigate();
  const number = new Intl.NumberFormat(useLocale());
  const { setStatus, isBusy: isSending } = useSetStatus();
  const glances = new Map(usage?.clinics.map((glance) => [glance.clinic_id, glance]));

  const counted = NUMBERS.map(
    (what): Column<Clinic> => ({
      key: what,
      label: t(`number.${what}`),
      align: "end",
      wideOnly: LESSER.includes(what),
      cell: ({ clinic_id }) => {
        const count = glances.get(clinic_id)?.[what];
        return count === undefined ? "–" : number.format(count);
      },
    }),
  );
  const columns: Column<Clinic>[] = [
    {
      key: "clinic",
      label: t("clinic"),
      sort: "name",
      cell: ({ name, city, state }) => (
        <span className={classes.clinic}>
          <span className={classes.name}>{name}</span>
          <span className={classes.place}>{[city, state].filter(Boolean).join(", ")}</span>
        </span>
      ),
    },
    { key: "code", label: t("code"), sort: "code", cell: ({ code }) => code },
    { key: "status", label: t("status"), cell: ({ status }) => <StatusTag status={status} /> },
    ...counted,
    {
      key: "act",
      label: t("action"),
      align: "end",
      cell: (clinic) => {
        const act = clinic.status === "active" ? "suspend" : "reactivate";
        const isEmpty = glances.get(clinic.clinic_id)?.patients === 0 && clinic.status === "active";
        return (
          <Group gap={6} justify="flex-end" wrap="nowrap">
            {isEmpty && (
              <Button
                size="xs"
                variant="light"
                aria-label={t("inviteAdminOne", { name: clinic.name })}
                onClick={() => onInvite(clinic)}
              >
                {t("inviteAdmin")}
              </Button>
            )}
            <Button
              size="xs"
              variant="default"
              aria-label={t(`${act}One`, { name: clinic.name })}
              disabled={isSending}
              onClick={() => void setStatus(clinic)}
            >
              {t(act)}
            </Button>
          </Group>
        );
      },
    },
  ];
  return (
    <>
      <DataTable
        label={t("title")}
        rows={clinics}
        rowKey={({ clinic_id }) => clinic_id}
        busy={isBusy}
        sorting={{ sort, order }}
        onSort={({ sort: by, order: direction }) =>
          void navigate({
            search: (before) => ({
              ...before,
              page: undefined,
              sort: SORTS.find((one) => one === by),
              order: direction,
            }),
            replace: true,
          })
        }
        columns={columns}
      />
      <Pager
        pagination={pagination}
        onPage={(next) => void navigate({ search: (before) => ({ ...before, page: next }) })}
      />
    </>
  );
}
