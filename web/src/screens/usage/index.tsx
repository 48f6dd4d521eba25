/** What is charged for using ClinicHub: a clinic's own months, and for the operator those of every clinic with their prices. */
import { Anchor, Button, SegmentedControl, TextInput } from "@mantine/core";
import { IconChartBar, IconDownload } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { download } from "@/api/client";
import { type Answer, useApiQuery } from "@/api/query";
import { formatMoney } from "@/lib/money";
import { today } from "@/lib/time";
import { Card } from "@/ui/Card";
import { DataTable, Pager } from "@/ui/DataTable";
import { FilterBar } from "@/ui/FilterBar";
import { Page } from "@/ui/Page";
import { useCan, useMe } from "@/ui/session";
import { Message, QueryView } from "@/ui/states";
import { failed } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import { Prices } from "./Prices";
import { nameOf, PERIODS, type Period, type PeriodName, periodOf } from "./period";
import classes from "./usage.module.css";

type Usage = Answer<"/api/clinics/{clinic_id}/usage">;
type Totals = Usage["totals"];

const route = getRouteApi("/app/usage");
const AT_ONCE = 50;

export function Screen() {
  const { t } = useTranslation("usage");
  const can = useCan();
  const me = useMe();
  const time = useTime();
  const { clinic: asked, from, to } = route.useSearch();
  const isOperator = can("clinics_manage");
  const clinic = isOperator ? asked : (me.clinic_id ?? undefined);
  // The operator's clinics lie in many zones: theirs are days of UTC.
  const now = isOperator ? today("UTC") : time.today();
  const usual = periodOf("year", now);
  const period = { from: from ?? usual.from, to: to ?? usual.to };
  return (
    <Page
      title={t("title")}
      subtitle={
        isOperator && clinic ? (
          <Anchor component={Link} to="/usage" search={{ from, to } as never} size="sm">
            {t("allClinics")}
          </Anchor>
        ) : (
          t("subtitle")
        )
      }
      toolbar={<Months period={period} now={now} />}
    >
      {clinic ? <OfClinic clinic={clinic} period={period} /> : isOperator && <OfAll period={period} />}
    </Page>
  );
}

function Months({ period, now }: { period: Period; now: string }) {
  const { t } = useTranslation("usage");
  const navigate = route.useNavigate();
  const name = nameOf(period, now);
  const set = (change: Partial<Period>) =>
    void navigate({ search: (before) => ({ ...before, ...period, ...change, page: undefined }), replace: true });
  return (
    <FilterBar>
      <SegmentedControl
        aria-label={t("period")}
        value={name ?? "other"}
        onChange={(chosen) => chosen !== "other" && set(periodOf(chosen as PeriodName, now))}
        data={[
          ...PERIODS.map((value) => ({ value, label: t(`periodIs.${value}`) })),
          ...(name === null ? [{ value: "other", label: t("periodIs.other") }] : []),
        ]}
      />
      <TextInput
        type="date"
        aria-label={t("from")}
        value={period.from}
        max={period.to}
        onChange={(event) => event.currentTarget.value && set({ from: event.currentTarget.value })}
      />
      <TextInput
        type="date"
        aria-label={t("to")}
        value={period.to}
        min={period.from}
        onChange={(event) => event.currentTarget.value && set({ to: event.currentTarget.value })}
      />
    </FilterBar>
  );
}

/** Sums, one a currency. */
function Sums({ totals }: { totals: Totals }) {
  const { t } = useTranslation("usage");
  const time = useTime();
  if (totals.length === 0) return <p className={classes.sum}>{t("nothing")}</p>;
  return (
    <ul className={classes.sums}>
      {totals.map(({ currency, units, amount }) => (
        <li key={currency}>
          <strong>{formatMoney(amount, currency, time.language)}</strong>
          <span>{t("uses", { count: units })}</span>
        </li>
      ))}
    </ul>
  );
}

function OfClinic({ clinic, period }: { clinic: number; period: Period }) {
  const { t } = useTranslation("usage");
  const time = useTime();
  const isFault = period.to < period.from;
  const query = useApiQuery(
    "/api/clinics/{clinic_id}/usage",
    { path: { clinic_id: clinic }, query: period },
    { enabled: !isFault },
  );
  const save = (code: string) => {
    const range = new URLSearchParams({ from: period.from, to: period.to });
    const name = `usage-${code}-${period.from}-${period.to}.csv`;
    void download(`/api/clinics/${clinic}/usage.csv?${range}`, name).catch((error: unknown) => failed(error, t));
  };
  return (
    <>
      <QueryView query={query}>
        {(usage) => (
          <Card
            title={t("of", { code: usage.code })}
            actions={
              <Button
                size="xs"
                variant="default"
                leftSection={<IconDownload size={15} stroke={1.8} aria-hidden />}
                onClick={() => save(usage.code)}
              >
                {t("csv")}
              </Button>
            }
          >
            <Sums totals={usage.totals} />
            {usage.entries.length > 0 && (
              <DataTable
                label={t("months")}
                rows={[...usage.entries].reverse()}
                rowKey={({ month, kind, currency }) => `${month}${kind}${currency}`}
                busy={query.isPlaceholderData}
                columns={[
                  { key: "month", label: t("month"), cell: ({ month }) => time.day(`${month}-01`, "month") },
                  { key: "kind", label: t("what"), cell: ({ kind }) => t(`kind.${kind}`) },
                  {
                    key: "units",
                    label: t("units"),
                    align: "end",
                    cell: ({ units }) => (
                      <Bar units={units} most={Math.max(...usage.entries.map((one) => one.units))} />
                    ),
                  },
                  {
                    key: "amount",
                    label: t("amount"),
                    align: "end",
                    cell: ({ amount, currency }) => formatMoney(amount, currency, time.language),
                  },
                ]}
              />
            )}
            <p className={classes.small}>
              {t("beside", {
                booked: usage.appointments.booked,
                completed: usage.appointments.completed,
                patients: usage.patients_registered,
                staff: usage.active_staff,
              })}
            </p>
          </Card>
        )}
      </QueryView>
      <Prices clinic={clinic} />
    </>
  );
}

function Bar({ units, most }: { units: number; most: number }) {
  return (
    <span className={classes.bar}>
      <span aria-hidden className={classes.track}>
        <span style={{ inlineSize: `${most === 0 ? 0 : Math.round((units / most) * 100)}%` }} />
      </span>
      <span>{units}</span>
    </span>
  );
}

function OfAll({ period }: { period: Period }) {
  const { t } = useTranslation("usage");
  const time = useTime();
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useApiQuery(
    "/api/usage",
    { query: { ...period, page, per_page: AT_ONCE } },
    { enabled: period.to >= period.from },
  );
  const open = (clinic: number) => void navigate({ search: (before) => ({ ...before, clinic, page: undefined }) });
  return (
    <QueryView
      query={query}
      isEmpty={({ clinics }) => clinics.length === 0}
      empty={<Message icon={IconChartBar} title={t("nothing")} />}
    >
      {(data) => (
        <>
          <Sums totals={data.totals} />
          <DataTable
            label={t("allClinics")}
            rows={data.clinics}
            rowKey={({ clinic_id }) => clinic_id}
            busy={query.isPlaceholderData}
            onOpen={({ clinic_id }) => open(clinic_id)}
            columns={[
              {
                key: "name",
                label: t("clinic"),
                cell: ({ clinic_id, name }) => (
                  <Link to="/usage" search={{ ...period, clinic: clinic_id } as never} className={classes.name}>
                    {name}
                  </Link>
                ),
              },
              { key: "code", label: t("code"), cell: ({ code }) => code },
              { key: "units", label: t("units"), align: "end", cell: ({ units }) => units },
              {
                key: "amount",
                label: t("amount"),
                align: "end",
                cell: ({ totals }) =>
                  totals.map(({ currency, amount }) => formatMoney(amount, currency, time.language)).join(" + ") || "–",
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
  );
}
