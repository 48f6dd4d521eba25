/** Completed appointments that nobody has billed: one click makes the invoice, several at once if they are chosen. */
import { Button, Checkbox, Group } from "@mantine/core";
import { IconCheck, IconReceipt } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiMutation, useApiQuery } from "@/api/query";
import { formatMoney, sum } from "@/lib/money";
import { DataTable, Pager } from "@/ui/DataTable";
import { useCan } from "@/ui/session";
import { Message, QueryView } from "@/ui/states";
import { done, failed } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import classes from "./billing.module.css";
import type { Record } from "./types";

/** One row an appointment: its invoice bills all that was performed. */
interface Visit {
  id: number;
  records: Record[];
}

function visits(records: readonly Record[]): Visit[] {
  const found = new Map<number, Visit>();
  for (const record of records) {
    const visit = found.get(record.appointment_id) ?? { id: record.appointment_id, records: [] };
    visit.records.push(record);
    found.set(record.appointment_id, visit);
  }
  return [...found.values()];
}

export function ToBill() {
  const { t } = useTranslation("billing");
  const time = useTime();
  const can = useCan();
  const navigate = useNavigate();
  const [page, setPage] = useState(1);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const query = useApiQuery("/api/cpt-records", { query: { invoiced: false, page, per_page: 50 } });
  const bill = useApiMutation("post", "/api/invoices", {
    invalidates: ["/api/cpt-records", "/api/invoices", "/api/board"],
  });
  const mayBill = can("invoice_write");

  const billOne = async (id: number) => {
    try {
      const { invoice } = await bill.mutateAsync({ body: { appointment_id: id } });
      done(t("billed", { number: invoice.number }));
      await navigate({ to: "/billing/$invoiceId", params: { invoiceId: String(invoice.invoice_id) } });
    } catch (error) {
      failed(error, t);
    }
  };
  const billChosen = async () => {
    const ids = [...chosen];
    const answers = await Promise.allSettled(ids.map((id) => bill.mutateAsync({ body: { appointment_id: id } })));
    const refused = answers.filter((answer) => answer.status === "rejected");
    setChosen(new Set(ids.filter((_, index) => answers[index]?.status === "rejected")));
    if (refused[0]) failed(refused[0].reason, t);
    if (refused.length < ids.length) done(t("billedMany", { count: ids.length - refused.length }));
  };
  const choose = (id: number, isOn: boolean) =>
    setChosen((before) => {
      const next = new Set(before);
      if (isOn) next.add(id);
      else next.delete(id);
      return next;
    });
  const amount = ({ records }: Visit) => {
    const currency = records[0]?.currency ?? "USD";
    const each = records.flatMap(({ unit_price, units }) => Array.from({ length: units }, () => unit_price));
    return formatMoney(sum(each, currency), currency, time.language);
  };

  return (
    <QueryView
      query={query}
      isEmpty={(data) => data.cpt_records.length === 0}
      empty={<Message icon={IconCheck} title={t("allBilled")} />}
    >
      {(data) => {
        const rows = visits(data.cpt_records);
        return (
          <>
            {mayBill && chosen.size > 0 && (
              <Group className={classes.chosen} role="status">
                <span>{t("chosen", { count: chosen.size })}</span>
                <Button size="xs" loading={bill.isPending} onClick={() => void billChosen()}>
                  {t("billChosen")}
                </Button>
                <Button size="xs" variant="subtle" onClick={() => setChosen(new Set())}>
                  {t("chooseNone")}
                </Button>
              </Group>
            )}
            <DataTable
              label={t("tab.to-bill")}
              rows={rows}
              rowKey={({ id }) => id}
              busy={query.isPlaceholderData}
              columns={[
                ...(mayBill
                  ? [
                      {
                        key: "choose",
                        label: t("choose"),
                        width: "44px",
                        wideOnly: true,
                        cell: ({ id, records }: Visit) => (
                          <Checkbox
                            size="sm"
                            aria-label={t("chooseOne", { name: records[0]?.patient_name })}
                            checked={chosen.has(id)}
                            onChange={(event) => choose(id, event.currentTarget.checked)}
                          />
                        ),
                      },
                    ]
                  : []),
                {
                  key: "patient",
                  label: t("patient"),
                  cell: ({ records: [first] }) => (
                    <Link
                      to="/patients/$patientId"
                      params={{ patientId: String(first?.patient_id) }}
                      className={classes.name}
                    >
                      {first?.patient_name}
                    </Link>
                  ),
                },
                {
                  key: "what",
                  label: t("performed"),
                  cell: ({ records }) => records.map(({ description }) => description).join(", "),
                },
                { key: "with", label: t("doctor"), wideOnly: true, cell: ({ records }) => records[0]?.provider_name },
                {
                  key: "when",
                  label: t("date"),
                  cell: ({ records }) => records[0] && time.day(time.dayOf(records[0].performed_at), "medium"),
                },
                { key: "amount", label: t("amount"), align: "end", cell: amount },
                ...(mayBill
                  ? [
                      {
                        key: "bill",
                        label: t("action"),
                        align: "end" as const,
                        cell: ({ id, records }: Visit) => (
                          <Button
                            size="xs"
                            variant="light"
                            leftSection={<IconReceipt size={15} stroke={1.7} aria-hidden />}
                            aria-label={t("billOne", { name: records[0]?.patient_name })}
                            disabled={bill.isPending}
                            onClick={() => void billOne(id)}
                          >
                            {t("bill")}
                          </Button>
                        ),
                      },
                    ]
                  : []),
              ]}
            />
            <Pager pagination={data.pagination} onPage={setPage} />
          </>
        );
      }}
    </QueryView>
  );
}
