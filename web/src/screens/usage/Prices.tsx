/** What a clinic is charged a unit, and since when; the operator sets what comes. */
import { ActionIcon, Button, Group, NativeSelect, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { type Answer, useApiMutation, useApiQuery } from "@/api/query";
import { formatMoney, parseMoney } from "@/lib/money";
import { today } from "@/lib/time";
import { Card } from "@/ui/Card";
import { useConfirm } from "@/ui/confirm";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { useCan } from "@/ui/session";
import { QueryView } from "@/ui/states";
import { Tag } from "@/ui/Tag";
import { done, failed } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import { type Standing, standingOf } from "./period";
import classes from "./usage.module.css";

type Price = Answer<"/api/clinics/{clinic_id}/usage-prices">["prices"][number];
type Clinic = Answer<"/api/clinics/{clinic_id}">;

type Kind = Price["kind"];

const KINDS: readonly Kind[] = ["visit_completion", "prescription", "lab_report", "document"];
const READS = ["/api/clinics/{clinic_id}/usage-prices"];

export function Prices({ clinic }: { clinic: number }) {
  const { t } = useTranslation("usage");
  const can = useCan();
  const path = { clinic_id: clinic };
  const query = useApiQuery("/api/clinics/{clinic_id}/usage-prices", { path });
  const about = useApiQuery("/api/clinics/{clinic_id}", { path });
  // The clinic's day decides which price holds.
  const now = today(about.data?.time_zone ?? "UTC");
  return (
    <Card title={t("prices")}>
      <QueryView query={query}>
        {({ prices }) => (
          <>
            {prices.length === 0 ? (
              <p className={classes.small}>{t("free")}</p>
            ) : (
              <ul className={classes.prices}>
                {prices.map((price) => (
                  <Row
                    key={`${price.kind}${price.valid_from}`}
                    clinic={clinic}
                    price={price}
                    standing={standingOf(prices, price, now)}
                  />
                ))}
              </ul>
            )}
            {can("clinics_manage") && about.data && <NewPrice about={about.data} now={now} prices={prices} />}
          </>
        )}
      </QueryView>
    </Card>
  );
}

function Row({ clinic, price, standing }: { clinic: number; price: Price; standing: Standing }) {
  const { t } = useTranslation("usage");
  const time = useTime();
  const can = useCan();
  const confirm = useConfirm();
  const remove = useApiMutation("delete", "/api/clinics/{clinic_id}/usage-prices", { invalidates: READS });
  const { kind, unit_price, currency, valid_from } = price;
  const what = t(`kind.${kind}`);
  const day = time.day(valid_from, "medium");
  const takeBack = async () => {
    const question = {
      title: t("takeBackTitle", { what, day }),
      body: t("takeBackBody"),
      action: t("takeBack"),
      danger: true,
    };
    if (!(await confirm(question))) return;
    try {
      await remove.mutateAsync({ params: { path: { clinic_id: clinic }, query: { kind, valid_from } } });
      done(t("takenBack"));
    } catch (error) {
      failed(error, t);
    }
  };
  return (
    <li data-past={standing === "past" || undefined}>
      <span>
        {what} · {t("since", { day })} {standing === "planned" && <Tag tone="info">{t("standing.planned")}</Tag>}
        {standing === "past" && <Tag>{t("standing.past")}</Tag>}
      </span>
      <span className={classes.price}>
        <strong>{formatMoney(unit_price, currency, time.language)}</strong>
        {standing === "planned" && can("clinics_manage") && (
          <ActionIcon
            aria-label={t("takeBackOne", { what, day })}
            loading={remove.isPending}
            onClick={() => void takeBack()}
          >
            <IconTrash size={17} stroke={1.8} aria-hidden />
          </ActionIcon>
        )}
      </span>
    </li>
  );
}

function NewPrice({ about, now, prices }: { about: Clinic; now: string; prices: readonly Price[] }) {
  const { t } = useTranslation("usage");
  const put = useApiMutation("put", "/api/clinics/{clinic_id}/usage-prices", { invalidates: READS });
  const currency = prices[0]?.currency ?? about.currency;
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: { kind: "visit_completion" as Kind, unit_price: "", valid_from: now },
    fieldOf: (field) => field.replace(/^prices\[\d+\]\./, ""),
    validate: {
      unit_price: (value) => (parseMoney(value, currency) === null ? t("priceFault") : null),
      valid_from: (value) => (value >= now ? null : t("dayFault")),
    },
    submit: async ({ kind, unit_price, valid_from }) => {
      const amount = parseMoney(unit_price, currency) ?? "0";
      await put.mutateAsync({
        params: { path: { clinic_id: about.clinic_id } },
        body: { prices: [{ kind, unit_price: amount, valid_from, currency }] },
      });
      done(t("priceSet"));
      form.reset();
    },
  });
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
