/** The patient's invoices. */
import { IconReceipt } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { formatMoney } from "@/lib/money";
import { DataTable, Pager } from "@/ui/DataTable";
import { Message, QueryView } from "@/ui/states";
import { Tag } from "@/ui/Tag";
import { useTime } from "@/ui/useTime";
import classes from "../patients.module.css";
import type { TabProps } from "../tabs";

export function Billing({ summary: { patient } }: TabProps) {
  const { t } = useTranslation("patients");
  const time = useTime();
  const [page, setPage] = useState(1);
  const query = useApiQuery("/api/invoices", { query: { patient_id: patient.patient_id, page, per_page: 20 } });
  return (
    <QueryView
      query={query}
      isEmpty={(data) => data.invoices.length === 0}
      empty={<Message icon={IconReceipt} title={t("nothingYet")} />}
    >
      {(data) => (
        <>
          <DataTable
            label={t("tab.billing")}
            rows={data.invoices}
            rowKey={({ invoice_id }) => invoice_id}
            busy={query.isPlaceholderData}
            columns={[
              {
                key: "number",
                label: t("reference"),
                cell: ({ invoice_id, number }) => (
                  <Link to="/billing/$invoiceId" params={{ invoiceId: String(invoice_id) }} className={classes.name}>
                    {number}
                  </Link>
                ),
              },
              { key: "issued", label: t("when"), cell: ({ issued_at }) => time.day(time.dayOf(issued_at), "medium") },
              {
                key: "status",
                label: t("state"),
                cell: ({ status }) => <Tag tone={status === "paid" ? "good" : "warn"}>{t(`status.${status}`)}</Tag>,
              },
              {
                key: "total",
                label: t("amount"),
                align: "end",
                cell: ({ total, currency }) => formatMoney(total, currency, time.language),
              },
            ]}
          />
          <Pager pagination={data.pagination} onPage={setPage} />
        </>
      )}
    </QueryView>
  );
}
