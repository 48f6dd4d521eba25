/** Who did what, and who looked at whom: nothing here can be changed. */
import { Button, Select, TextInput } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Answer, useApiQuery } from "@/api/query";
import { DataTable, Pager } from "@/ui/DataTable";
import { FilterBar } from "@/ui/FilterBar";
import { Message, QueryView } from "@/ui/states";
import { Tag } from "@/ui/Tag";
import { useTime } from "@/ui/useTime";
import classes from "./admin.module.css";

type Entry = Answer<"/api/audit">["events"][number];

const route = getRouteApi("/app/admin");
const TONES = { allowed: "neutral", refused: "warn", failed: "bad" } as const;

/** The operation without what says only by which verb or address it was called. */
const plainName = (name: string) => name.replace(/(_patch|_alias)+$/, "");

export function Audit() {
  const { t, i18n } = useTranslation("admin");
  const time = useTime();
  const { user, patient, action, from, to, page } = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: object) =>
    void navigate({ search: (before) => ({ ...before, page: undefined, ...change }), replace: true });
  const query = useApiQuery("/api/audit", {
    query: { page: page ?? 1, per_page: 50, user_id: user, patient_id: patient, action, from, to },
  });
  const actions = useApiQuery("/api/audit/actions", {}, { staleTime: Number.POSITIVE_INFINITY });
  /** In plain words where we have them, else as the operation is called. */
  const words = (name: string) => {
    const plain = plainName(name);
    return i18n.exists(`admin:action.${plain}`)
      ? t(`action.${plain}` as "action.get_patient")
      : plain.replaceAll("_", " ");
  };
  const first = query.data?.events[0];
  return (
    <>
      <FilterBar mb="md">
        <Select
          label={t("did")}
          placeholder={t("anything")}
          searchable
          clearable
          limit={300}
          data={(actions.data?.actions ?? []).map((value) => ({ value, label: words(value) }))}
          value={action ?? null}
          onChange={(value) => set({ action: value ?? undefined })}
        />
        <TextInput
          type="date"
          label={t("from")}
          value={from ?? ""}
          onChange={(event) => set({ from: event.currentTarget.value || undefined })}
        />
        <TextInput
          type="date"
          label={t("to")}
          value={to ?? ""}
          onChange={(event) => set({ to: event.currentTarget.value || undefined })}
        />
        {patient !== undefined && (
          <Button variant="light" onClick={() => set({ patient: undefined })}>
            {t("onlyPatient", { name: first?.patient_name ?? patient })} ✕
          </Button>
        )}
        {user !== undefined && (
          <Button variant="light" onClick={() => set({ user: undefined })}>
            {t("onlyPerson", { name: first?.user_name ?? user })} ✕
          </Button>
        )}
      </FilterBar>
      <p className={classes.hint}>{t("auditHint")}</p>
      <QueryView
        query={query}
        isEmpty={(data) => data.events.length === 0}
        empty={<Message icon={IconShieldCheck} title={t("noEvents")} />}
      >
        {(data) => (
          <>
            <DataTable
              label={t("tab.audit")}
              rows={data.events}
              rowKey={({ event_id }) => event_id}
              busy={query.isPlaceholderData}
              columns={[
                { key: "at", label: t("when"), cell: ({ at }) => time.dateTime(at), width: "190px" },
                {
                  key: "who",
                  label: t("who"),
                  cell: ({ user_id, user_name, role }: Entry) =>
                    user_id ? (
                      <button type="button" className={classes.link} onClick={() => set({ user: user_id })}>
                        {user_name ?? user_id}
                        {role && <span className={classes.small}> {t(`common:role.${role}`)}</span>}
                      </button>
                    ) : (
                      t("program")
                    ),
                },
                { key: "did", label: t("did"), cell: ({ action: name }) => words(name) },
                {
                  key: "whom",
                  label: t("whom"),
                  cell: ({ patient_id, patient_name, patient_mrn }) =>
                    patient_id ? (
                      <Link to="/patients/$patientId" params={{ patientId: String(patient_id) }}>
                        {patient_name ?? patient_mrn ?? patient_id}
                      </Link>
                    ) : (
                      "–"
                    ),
                },
                {
                  key: "outcome",
                  label: t("outcome"),
                  cell: ({ outcome }) => <Tag tone={TONES[outcome]}>{t(`outcomeIs.${outcome}`)}</Tag>,
                },
                { key: "from", label: t("address"), wideOnly: true, cell: ({ address }) => address ?? "–" },
              ]}
            />
            <Pager pagination={data.pagination} onPage={(next) => set({ page: next })} />
          </>
        )}
      </QueryView>
    </>
  );
}
