/** The clinic's patients: found as one types, in the order one likes. */
import { Button, Group, TextInput } from "@mantine/core";
import { IconFileImport, IconSearch, IconUserPlus, IconUsers } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { DataTable, Pager } from "@/ui/DataTable";
import { Page } from "@/ui/Page";
import { Can } from "@/ui/session";
import { useShortcut } from "@/ui/shortcuts";
import { Message, QueryView } from "@/ui/states";
import { useTime } from "@/ui/useTime";
import classes from "./patients.module.css";

const route = getRouteApi("/app/patients");
/** While somebody types, the list waits this long. */
const PAUSE = 150;
const SORTS = ["last_name", "dob", "created_at", "patient_id"] as const;

export function Screen() {
  const { t } = useTranslation("patients");
  const time = useTime();
  const { search, page, sort, order } = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: object) =>
    void navigate({ search: (before) => ({ ...before, page: undefined, ...change }), replace: true });
  useShortcut("n", t("newTitle"), () => void navigate({ to: "/patients/new" }));
  const query = useApiQuery("/api/patients", {
    query: { search, page: page ?? 1, per_page: 25, sort: SORTS.find((each) => each === sort), order },
  });
  return (
    <Page
      title={t("title")}
      actions={
        <Group gap="xs">
          <Can do="patient_import">
            <Button
              component={Link}
              to="/patients/import"
              variant="default"
              leftSection={<IconFileImport size={16} stroke={1.7} aria-hidden />}
            >
              {t("import")}
            </Button>
          </Can>
          <Can do="patient_create">
            <Button
              component={Link}
              to="/patients/new"
              leftSection={<IconUserPlus size={16} stroke={1.7} aria-hidden />}
            >
              {t("newTitle")}
            </Button>
          </Can>
        </Group>
      }
      toolbar={<SearchField value={search ?? ""} onChange={(value) => set({ search: value || undefined })} />}
    >
      <QueryView
        query={query}
        isEmpty={(data) => data.patients.length === 0}
        empty={
          <Message icon={IconUsers} title={t(search ? "nothingFound" : "noPatients", { query: search })}>
            {search ? t("nothingFoundHint") : undefined}
          </Message>
        }
      >
        {(data) => (
          <>
            <DataTable
              label={t("title")}
              rows={data.patients}
              rowKey={({ patient_id }) => patient_id}
              busy={query.isPlaceholderData}
              onOpen={({ patient_id }) =>
                void navigate({ to: "/patients/$patientId", params: { patientId: String(patient_id) } })
              }
              sorting={{ sort: sort ?? (search ? undefined : "last_name"), order }}
              onSort={(sorting) => set(sorting)}
              columns={[
                {
                  key: "name",
                  label: t("name"),
                  sort: "last_name",
                  cell: ({ patient_id, first_name, last_name }) => (
                    <Link to="/patients/$patientId" params={{ patientId: String(patient_id) }} className={classes.name}>
                      {last_name}, {first_name}
                    </Link>
                  ),
                },
                {
                  key: "dob",
                  label: t("dob"),
                  sort: "dob",
                  cell: ({ dob }) => `${time.day(dob, "medium")} · ${t("years", { count: time.age(dob) })}`,
                },
                { key: "sex", label: t("sex"), wideOnly: true, cell: ({ sex }) => t(`sexIs.${sex}`) },
                { key: "phone", label: t("phone"), cell: ({ phone }) => phone ?? "–" },
                { key: "mrn", label: t("mrn"), cell: ({ mrn }) => mrn },
              ]}
            />
            <Pager
              pagination={data.pagination}
              onPage={(next) => void navigate({ search: (before) => ({ ...before, page: next }) })}
            />
          </>
        )}
      </QueryView>
    </Page>
  );
}

function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation("patients");
  const [typed, setTyped] = useState(value);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed starts the wait
  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = setTimeout(() => onChange(typed.trim()), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <TextInput
      type="search"
      className={classes.search}
      aria-label={t("searchLabel")}
      placeholder={t("searchHint")}
      leftSection={<IconSearch size={16} stroke={1.7} aria-hidden />}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  );
}
