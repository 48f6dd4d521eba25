/** What happened in all clinics in a period, and the file of it. */
import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { today } from "@/lib/time";
import { Card } from "@/ui/Card";
import { FilterBar } from "@/ui/FilterBar";
import { QueryView } from "@/ui/states";
import { useLocale } from "@/ui/useTime";
import { csv, save } from "./csv";
import classes from "./operator.module.css";
import { nameOf, PERIODS, type Period, type PeriodName, periodOf } from "./period";
import { NUMBERS, type Overview } from "./types";

const route = getRouteApi("/app/operator");

interface UsageProps {
  query: UseQueryResult<Overview>;
  period: Period;
  /** The period ends before it begins. */
  isFault: boolean;
}

export function Usage({ query, period, isFault }: UsageProps) {
  const { t } = useTranslation("operator");
  const navigate = route.useNavigate();
  const now = today("UTC");
  const set = (change: Partial<Period>) =>
    void navigate({ search: (before) => ({ ...before, ...period, ...change }), replace: true });
  const faultId = useId();
  const name = nameOf(period, now);
  return (
    <Card title={t("usage")}>
      <FilterBar mb="md">
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
          label={t("from")}
          value={period.from}
          max={period.to}
          onChange={(event) => event.currentTarget.value && set({ from: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          label={t("to")}
          value={period.to}
          min={period.from}
          error={isFault}
          aria-describedby={isFault ? faultId : undefined}
          onChange={(event) => event.currentTarget.value && set({ to: event.currentTarget.value })}
        />
        <Button
          variant="default"
          leftSection={<IconDownload size={16} stroke={1.7} aria-hidden />}
          // What is on the screen is of another period until the answer is here.
          disabled={query.data === undefined || query.isPlaceholderData || isFault}
          onClick={() => query.data && save(fileOf(query.data, period, t), `usage-${period.from}-${period.to}.csv`)}
        >
          {t("export")}
        </Button>
      </FilterBar>
      <p id={faultId} className={classes.fault} role="alert">
        {isFault && t("backwards")}
      </p>
      {!isFault && (
        <QueryView query={query}>{(data) => <Totals overview={data} isBusy={query.isPlaceholderData} />}</QueryView>
      )}
    </Card>
  );
}

function Totals({ overview: { totals, truncated }, isBusy }: { overview: Overview; isBusy: boolean }) {
  const { t } = useTranslation("operator");
  const number = new Intl.NumberFormat(useLocale());
  return (
    <>
      <dl className={classes.totals} aria-label={t("totals")} aria-busy={isBusy || undefined}>
        <div>
          <dt>{t("activeClinics")}</dt>
          <dd>{t("ofAll", { active: number.format(totals.active_clinics), all: number.format(totals.clinics) })}</dd>
        </div>
        {NUMBERS.map((what) => (
          <div key={what}>
            <dt>{t(`number.${what}`)}</dt>
            <dd>{number.format(totals[what])}</dd>
          </div>
        ))}
      </dl>
      <p className={classes.note}>{t("counted")}</p>
      {truncated && (
        <p className={classes.note} role="status">
          {t("truncated")}
        </p>
      )}
    </>
  );
}

/** The clinics line by line and what they come to, with the words of the screen. */
function fileOf({ clinics, totals }: Overview, { from, to }: Period, t: (key: string) => string): string {
  const head = ["code", "clinic", "status", "from", "to"].map((key) => t(key));
  return csv([
    [...head, ...NUMBERS.map((what) => t(`number.${what}`))],
    ...clinics.map((clinic) => [
      clinic.code,
      clinic.name,
      t(`statusIs.${clinic.status}`),
      from,
      to,
      ...NUMBERS.map((what) => clinic[what]),
    ]),
    [t("total"), "", "", from, to, ...NUMBERS.map((what) => totals[what])],
  ]);
}
