/** The visits of the clinic: all, those that go on, and those that were left open overnight. */
import { SegmentedControl, Select, TextInput } from "@mantine/core";
import { IconStethoscope } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Answer, useApiQuery } from "@/api/query";
import { DataTable, Pager } from "@/ui/DataTable";
import { FilterBar } from "@/ui/FilterBar";
import { Page } from "@/ui/Page";
import { useMe } from "@/ui/session";
import { Message, QueryView } from "@/ui/states";
import { Tag } from "@/ui/Tag";
import { useTime } from "@/ui/useTime";
import classes from "./visits.module.css";

const route = getRouteApi("/app/visits");
const AT_ONCE = 25;
const STATES = ["all", "in_progress", "open", "completed"] as const;

export function Screen() {
  const { t } = useTranslation("visits");
  const me = useMe();
  const { status, provider, from, to, page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const isOpen = status === "open";
  const common = { page, per_page: AT_ONCE, ...(provider ? { provider_user_id: provider } : {}) };
  const left = useApiQuery("/api/visits/open", { query: common }, { enabled: isOpen });
  const listed = useApiQuery(
    "/api/visits",
    {
      query: { ...common, ...(status && !isOpen ? { status } : {}), ...(from ? { from } : {}), ...(to ? { to } : {}) },
    },
    { enabled: !isOpen },
  );
  const query = isOpen ? left : listed;
  const doctors = useApiQuery("/api/doctors", { query: { per_page: 100 } });
  const go = (change: object) => void navigate({ search: (before) => ({ ...before, page: undefined, ...change }) });
  const choices = (doctors.data?.doctors ?? []).map(({ user_id, first_name, last_name }) => ({
    value: String(user_id),
    label: user_id === me.user_id ? t("mine") : `${first_name} ${last_name}`,
  }));
  return (
    <Page
      title={t("title")}
      toolbar={
        <FilterBar>
          <SegmentedControl
            aria-label={t("state")}
            value={status ?? "all"}
            onChange={(next) => go({ status: next === "all" ? undefined : next })}
            data={STATES.map((value) => ({ value, label: t(`filter.${value}`) }))}
          />
          <Select
            label={t("doctor")}
            placeholder={t("everyDoctor")}
            clearable
            clearButtonProps={{ "aria-label": t("everyDoctor") }}
            data={choices}
            value={provider ? String(provider) : null}
            onChange={(next) => go({ provider: next ? Number(next) : undefined })}
          />
          {!isOpen && (
            <>
              <TextInput
                type="date"
                label={t("from")}
                value={from ?? ""}
                onChange={(event) => go({ from: event.currentTarget.value || undefined })}
              />
              <TextInput
                type="date"
                label={t("to")}
                value={to ?? ""}
                onChange={(event) => go({ to: event.currentTarget.value || undefined })}
              />
            </>
          )}
        </FilterBar>
      }
    >
      {isOpen && <p className={classes.small}>{t("openHint")}</p>}
      <QueryView
        query={query as Parameters<typeof QueryView<Answer<"/api/visits">>>[0]["query"]}
        isEmpty={({ visits }) => visits.length === 0}
        empty={<Message icon={IconStethoscope} title={t(isOpen ? "noneOpen" : "none")} />}
      >
        {(data) => (
          <>
            <List visits={data.visits} busy={query.isPlaceholderData} />
            <Pager pagination={data.pagination} onPage={(next) => go({ page: next })} />
          </>
        )}
      </QueryView>
    </Page>
  );
}

function List({ visits, busy }: { visits: Answer<"/api/visits">["visits"]; busy: boolean }) {
  const { t } = useTranslation("visits");
  const time = useTime();
  const navigate = route.useNavigate();
  const open = (id: number) => void navigate({ to: "/visits/$visitId", params: { visitId: String(id) } as never });
  return (
    <DataTable
      label={t("title")}
      rows={visits}
      rowKey={({ visit_id }) => visit_id}
      busy={busy}
      onOpen={({ visit_id }) => open(visit_id)}
      columns={[
        {
          key: "patient",
          label: t("patient"),
          whole: true,
          cell: ({ visit_id, patient_name }) => (
            <Link to="/visits/$visitId" params={{ visitId: String(visit_id) } as never} className={classes.name}>
              {patient_name}
            </Link>
          ),
        },
        { key: "when", label: t("began"), whole: true, cell: ({ started_at }) => time.dateTime(started_at) },
        { key: "with", label: t("doctor"), whole: true, cell: ({ provider_name }) => provider_name },
        {
          key: "what",
          label: t("diagnoses"),
          cell: ({ diagnoses }) => diagnoses.map(({ description }) => description).join("; ") || "–",
        },
        {
          key: "state",
          label: t("state"),
          cell: ({ status }) => <Tag tone={status === "completed" ? "neutral" : "info"}>{t(`status.${status}`)}</Tag>,
        },
        { key: "reference", label: t("reference"), wideOnly: true, whole: true, cell: ({ reference }) => reference },
      ]}
    />
  );
}
