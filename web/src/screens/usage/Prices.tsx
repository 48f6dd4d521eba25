/** What a clinic is charged a unit, and since when; the operator sets what comes. */
import { Button, Group, NativeSelect, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Answer, useApiMutation, useApiQuery } from "@/api/query";
import { formatMoney, parseMoney } from "@/lib/money";
import { today } from "@/lib/time";
import { Card } from "@/ui/Card";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { useCan } from "@/ui/session";
import { QueryView } from "@/ui/states";
import { done } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import { withPrice } from "./period";
import classes from "./usage.module.css";

type Price = Answer<"/api/clinics/{clinic_id}/usage-prices">["prices"][number];

type Kind = Price["kind"];

const KINDS: readonly Kind[] = ["visit_completion", "prescription", "lab_report", "document"];
const READS = ["/api/clinics/{clinic_id}/usage-prices"];

export function Prices({ clinic }: { clinic: number }) {
  const { t } = useTranslation("usage");
  const time = useTime();
  const can = useCan();
  const query = useApiQuery("/api/clinics/{clinic_id}/usage-prices", { path: { clinic_id: clinic } });
  return (
    <Card title={t("prices")}>
      <QueryView query={query}>
        {({ prices }) => (
          <>
            {prices.length === 0 ? (
              <p className={classes.small}>{t("free")}</p>
            ) : (
              <ul className={classes.prices}>
                {prices.map(({ kind, unit_price, currency, valid_from }) => (
                  <li key={`${kind}${valid_from}`}>
                    <span>
                      {t(`kind.${kind}`)} · {t("since", { day: time.day(valid_from, "medium") })}
                    </span>
                    <strong>{formatMoney(unit_price, currency, time.language)}</strong>
                  </li>
                ))}
              </ul>
            )}
            {can("clinics_manage") && <NewPrice clinic={clinic} prices={prices} />}
          </>
        )}
      </QueryView>
    </Card>
  );
}

function NewPrice({ clinic, prices }: { clinic: number; prices: readonly Price[] }) {
  const { t } = useTranslation("usage");
  const about = useApiQuery("/api/clinics/{clinic_id}", { path: { clinic_id: clinic } });
  const put = useApiMutation("put", "/api/clinics/{clinic_id}/usage-prices", { invalidates: READS });
  const zone = about.data?.time_zone ?? "UTC";
  const now = today(zone);
  const currency = prices[0]?.currency ?? about.data?.currency;
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: { kind: "visit_completion" as Kind, unit_price: "", valid_from: now },
    fieldOf: (field) => field.replace(/^prices\[\d+\]\./, ""),
    validate: {
      unit_price: (value) => (parseMoney(value, currency ?? "USD") === null ? t("priceFault") : null),
      valid_from: (value) => (value >= now ? null : t("dayFault")),
    },
    submit: async ({ kind, unit_price, valid_from }) => {
      const amount = parseMoney(unit_price, currency ?? "USD") ?? "0";
      const next = { kind, unit_price: amount, valid_from, currency };
      await put.mutateAsync({
        params: { path: { clinic_id: clinic } },
        body: { prices: withPrice(prices as (typeof next)[], next, now) },
      });
      done(t("priceSet"));
      form.reset();
    },
  });
  if (!about.data) return null;
  return (
    <form onSubmit={onSubmit} noValidate className={classes.form}>
      <FormProblem problem={problem} />
      <Group align="flex-start" gap="sm">
        <NativeSelect
          label={t("what")}
          data={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
          {...form.getInputProps("kind")}
        />
        <TextInput
          label={t("newPrice", { currency })}
          inputMode="decimal"
          maxLength={12}
          {...form.getInputProps("unit_price")}
        />
        <TextInput type="date" label={t("validFrom")} min={now} {...form.getInputProps("valid_from")} />
        <Button type="submit" loading={busy} mt={24}>
          {t("setPrice")}
        </Button>
      </Group>
    </form>
  );
}
