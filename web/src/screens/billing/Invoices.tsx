/** The invoices: filters in the address, what they come to, and the file for the accountant. */
import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { IconDownload, IconReceipt, IconSearch } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { download } from "@/api/client";
import { useApiQuery } from "@/api/query";
import { formatMoney } from "@/lib/money";
import { DataTable, Pager } from "@/ui/DataTable";
import { FilterBar } from "@/ui/FilterBar";
import { Message, QueryView } from "@/ui/states";
import { failed } from "@/ui/toast";
import { useLocale, useTime } from "@/ui/useTime";
import classes from "./billing.module.css";
import { StatusTag } from "./StatusTag";
import type { Total } from "./types";

const route = getRouteApi("/app/billing");
/** While somebody types, the list waits this long. */
const PAUSE = 200;

export function Invoices() {
  const { t } = useTranslation("billing");
  const time = useTime();
  const { search, status, from, to, patient, page } = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: object) =>
    void navigate({ search: (before) => ({ ...before, page: undefined, ...change }), replace: true });
  const filter = { status, from, to, patient_id: patient };
  const query = useApiQuery("/api/invoices", { query: { ...filter, search, page: page ?? 1, per_page: 25 } });
  const save = async () => {
    const values = Object.entries(filter).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    );
    const path = `/api/invoices/export.csv?${new URLSearchParams(values)}`;
    await download(path, "invoices.csv").catch((error: unknown) => failed(error, t));
  };
  return (
    <>
      <FilterBar mb="md">
        <SearchField value={search ?? ""} onChange={(value) => set({ search: value || undefined })} />
        <SegmentedControl
          aria-label={t("status")}
          value={status ?? ""}
          onChange={(value) => set({ status: value || undefined })}
          data={[
            { value: "", label: t("every") },
            { value: "unpaid", label: t("unpaid") },
            { value: "paid", label: t("paid") },
          ]}
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
        <Button
          variant="default"
          leftSection={<IconDownload size={16} stroke={1.7} aria-hidden />}
          onClick={() => void save()}
        >
          {t("export")}
        </Button>
      </FilterBar>
      <QueryView
        query={query}
        isEmpty={(data) => data.invoices.length === 0}
        empty={<Message icon={IconReceipt} title={t("noInvoices")} />}
      >
        {(data) => (
          <>
            <Totals totals={data.totals} />
            <DataTable
              label={t("tab.invoices")}
              rows={data.invoices}
              rowKey={(invoice) => invoice.invoice_id}
              busy={query.isPlaceholderData}
              onOpen={({ invoice_id }) =>
                void navigate({ to: "/billing/$invoiceId", params: { invoiceId: String(invoice_id) } })
              }
              columns={[
                {
                  key: "number",
                  label: t("number"),
                  cell: ({ invoice_id, number }) => (
                    <Link to="/billing/$invoiceId" params={{ invoiceId: String(invoice_id) }} className={classes.name}>
                      {number}
                    </Link>
                  ),
                },
                { key: "patient", label: t("patient"), cell: ({ patient_name }) => patient_name },
                {
                  key: "issued",
                  label: t("issued"),
                  cell: ({ issued_at }) => time.day(time.dayOf(issued_at), "medium"),
                },
                { key: "status", label: t("status"), cell: (invoice) => <StatusTag status={invoice.status} /> },
                {
                  key: "total",
                  label: t("amount"),
                  align: "end",
                  cell: ({ total, currency }) => formatMoney(total, currency, time.language),
                },
              ]}
            />
            <Pager
              pagination={data.pagination}
              onPage={(next) => void navigate({ search: (before) => ({ ...before, page: next }) })}
            />
          </>
        )}
      </QueryView>
    </>
  );
}

/** What all that match come to; they stay while the page turns. */
function Totals({ totals }: { totals: readonly Total[] }) {
  const { t } = useTranslation("billing");
  const language = useLocale();
  return totals.map(({ currency, count, total, paid, unpaid }) => {
    const money = (amount: string) => formatMoney(amount, currency, language);
    return (
      <dl key={currency} className={classes.totals}>
        <div>
          <dt>{t("invoiced", { count })}</dt>
          <dd>{money(total)}</dd>
        </div>
        <div>
          <dt>{t("paid")}</dt>
          <dd>{money(paid)}</dd>
        </div>
        <div>
          <dt>{t("unpaid")}</dt>
          <dd>{money(unpaid)}</dd>
        </div>
      </dl>
    );
  });
}

function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation("billing");
  const [typed, setTyped] = useState(value);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed starts the wait
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => onChange(typed.trim()), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <TextInput
      type="search"
      label={t("search")}
      placeholder={t("searchHint")}
      leftSection={<IconSearch size={16} stroke={1.7} aria-hidden />}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  );
}
