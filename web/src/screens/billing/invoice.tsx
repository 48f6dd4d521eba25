/** One invoice: what it bills, whether it is paid and how; to print. */
import { Anchor, Button, Group, Select, TextInput } from "@mantine/core";
import { IconPrinter } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Answer, useApiMutation, useApiQuery } from "@/api/query";
import { formatMoney } from "@/lib/money";
import { Card } from "@/ui/Card";
import { PdfMenu } from "@/ui/clinical/PdfMenu";
import { Unprintable } from "@/ui/clinical/Unprintable";
import { useConfirm } from "@/ui/confirm";
import { FilterBar } from "@/ui/FilterBar";
import { useFocusBeside } from "@/ui/focus";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { Page } from "@/ui/Page";
import { useCan, useClinic } from "@/ui/session";
import { QueryView } from "@/ui/states";
import { done, failed } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import classes from "./billing.module.css";
import { StatusTag } from "./StatusTag";
import { METHODS, type Method } from "./types";

type Invoice = Answer<"/api/invoices/{invoice_id}">;

const route = getRouteApi("/app/billing/$invoiceId");

export function Screen() {
  const { t } = useTranslation("billing");
  const { invoiceId } = route.useParams();
  const query = useApiQuery("/api/invoices/{invoice_id}", { path: { invoice_id: Number(invoiceId) } });
  const number = query.data?.number ?? t("invoiceTitle");
  return (
    <Page
      title={number}
      documentTitle={number}
      subtitle={
        <Anchor component={Link} to="/billing" search={{ tab: "invoices" } as never} className="no-print">
          {t("backToList")}
        </Anchor>
      }
      actions={
        <Group gap="xs" className="no-print">
          <PdfMenu path={`/api/invoices/${invoiceId}/pdf`} name={number} label={t("clinical:pdf.open")} size="sm" />
          <Button
            variant="default"
            leftSection={<IconPrinter size={16} stroke={1.7} aria-hidden />}
            onClick={() => window.print()}
          >
            {t("print")}
          </Button>
        </Group>
      }
    >
      <QueryView query={query}>{(invoice) => <Sheet invoice={invoice} />}</QueryView>
    </Page>
  );
}

function Sheet({ invoice }: { invoice: Invoice }) {
  const { t } = useTranslation("billing");
  const time = useTime();
  const clinic = useClinic();
  const can = useCan();
  const money = (amount: string) => formatMoney(amount, invoice.currency, time.language);
  return (
    <div className={classes.sheet}>
      <Card title={clinic?.name ?? ""} actions={<StatusTag status={invoice.status} />}>
        <dl className={classes.facts}>
          <div>
            <dt>{t("patient")}</dt>
            <dd>
              <Link to="/patients/$patientId" params={{ patientId: String(invoice.patient_id) }}>
                {invoice.patient_name}
              </Link>
            </dd>
          </div>
          <div>
            <dt>{t("issued")}</dt>
            <dd>{time.day(time.dayOf(invoice.issued_at), "long")}</dd>
          </div>
        </dl>
        <table className={classes.lines}>
          <caption className="visually-hidden">{t("lines")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("performed")}</th>
              <th scope="col">{t("units")}</th>
              <th scope="col">{t("price")}</th>
              <th scope="col">{t("amount")}</th>
            </tr>
          </thead>
          <tbody>
            {(invoice.lines ?? []).map((line) => (
              <tr key={line.line}>
                <td>
                  {line.description} <span className={classes.code}>{line.code}</span>
                </td>
                <td>{line.units}</td>
                <td>{money(line.unit_price)}</td>
                <td>{money(line.amount)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" colSpan={3}>
                {t("total")}
              </th>
              <td>{money(invoice.total)}</td>
            </tr>
          </tfoot>
        </table>
        <p className={classes.note}>{t("cptNote")}</p>
        <Unprintable letters={invoice.unprintable} />
      </Card>
      {invoice.status === "paid" ? (
        <Paid invoice={invoice} mayChange={can("invoice_write")} />
      ) : (
        can("invoice_write") && <Pay invoice={invoice} />
      )}
    </div>
  );
}

function useUpdate() {
  return useApiMutation("put", "/api/invoices/{invoice_id}", {
    invalidates: ["/api/invoices", "/api/cpt-records", "/api/board"],
  });
}

function Pay({ invoice }: { invoice: Invoice }) {
  const { t } = useTranslation("billing");
  const update = useUpdate();
  useFocusBeside();
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: { payment_method: "card" as Method, payment_reference: "" },
    submit: async ({ payment_method, payment_reference }) => {
      await update.mutateAsync({
        params: { path: { invoice_id: invoice.invoice_id } },
        body: { status: "paid", payment_method, payment_reference: payment_reference.trim() || null },
        version: invoice.version,
      });
      done(t("nowPaid"));
    },
  });
  return (
    <Card title={t("takePayment")}>
      <form onSubmit={onSubmit} noValidate className="no-print">
        <FormProblem problem={problem} />
        <FilterBar>
          <Select
            label={t("method")}
            allowDeselect={false}
            data={METHODS.map((value) => ({ value, label: t(`methodIs.${value}`) }))}
            {...form.getInputProps("payment_method")}
          />
          <TextInput
            label={t("reference")}
            placeholder={t("referenceHint")}
            maxLength={100}
            {...form.getInputProps("payment_reference")}
          />
          <Button type="submit" loading={busy}>
            {t("markPaid")}
          </Button>
        </FilterBar>
      </form>
    </Card>
  );
}

function Paid({ invoice, mayChange }: { invoice: Invoice; mayChange: boolean }) {
  const { t } = useTranslation("billing");
  const time = useTime();
  const confirm = useConfirm();
  const update = useUpdate();
  const [busy, setBusy] = useState(false);
  const takeBack = async () => {
    if (!(await confirm({ title: t("unpayTitle"), body: t("unpayBody"), action: t("markUnpaid"), danger: true })))
      return;
    setBusy(true);
    try {
      await update.mutateAsync({
        params: { path: { invoice_id: invoice.invoice_id } },
        body: { status: "unpaid" },
        version: invoice.version,
      });
      done(t("nowUnpaid"));
    } catch (error) {
      failed(error, t);
    } finally {
      setBusy(false);
    }
  };
  const known = METHODS.find((method) => method === invoice.payment_method);
  return (
    <Card title={t("payment")}>
      <dl className={classes.facts}>
        <div>
          <dt>{t("paidAt")}</dt>
          <dd>{invoice.paid_at ? time.dateTime(invoice.paid_at) : ""}</dd>
        </div>
        {invoice.payment_method && (
          <div>
            <dt>{t("method")}</dt>
            <dd>{known ? t(`methodIs.${known}`) : invoice.payment_method}</dd>
          </div>
        )}
        {invoice.payment_reference && (
          <div>
            <dt>{t("reference")}</dt>
            <dd>{invoice.payment_reference}</dd>
          </div>
        )}
      </dl>
      {mayChange && (
        <Button variant="default" size="xs" mt="sm" className="no-print" loading={busy} onClick={() => void takeBack()}>
          {t("markUnpaid")}
        </Button>
      )}
    </Card>
  );
}
