/** The last measurements with their course; a click shows it whole. */
import { ActionIcon, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Card } from "@/ui/Card";
import { useCan } from "@/ui/session";
import { useTime } from "@/ui/useTime";
import classes from "./clinical.module.css";
import { Sparkline } from "./Sparkline";
import type { Trend } from "./TrendDialog";
import type { Chart, Vitals } from "./types";
import { isUnusual, MEASURES, type Measure, measureOf, shown, unitOf, usualUnits } from "./vitals";

const TrendDialog = lazy(() => import("./TrendDialog"));
const VitalsDialog = lazy(() => import("./VitalsDialog"));

interface VitalsCardProps {
  patientId: number;
  chart: Pick<Chart, "last_vitals" | "trends">;
  /** Without the button to add: where the form stands open beside it. */
  readOnly?: boolean;
}

type Points = { at: string; value: number }[];

export function VitalsCard({ patientId, chart: { last_vitals: last, trends }, readOnly = false }: VitalsCardProps) {
  const { t } = useTranslation("clinical");
  const time = useTime();
  const can = useCan();
  const [trend, showTrend] = useState<Trend | null>(null);
  const [isAdding, add] = useState(false);
  const units = usualUnits(time.language);
  const courses = trends as Record<string, Points>;
  const open = (one: Measure) => {
    const isPressure = one.key === "systolic";
    const unit = unitOf(one, units[one.key as keyof typeof units]);
    const keys = isPressure ? (["systolic", "diastolic"] as const) : [one.key];
    showTrend({
      title: t(`vital.${isPressure ? "pressure" : one.key}`),
      unit: unit.name,
      usual: isPressure ? undefined : [unit.typed(one.usual[0]), unit.typed(one.usual[1])],
      lines: keys.map((key) => ({
        label: t(`vital.${key}`),
        points: (courses[key] ?? []).map(({ at, value }) => ({ at, value: unit.typed(value) })),
      })),
    });
  };
  return (
    <Card
      className={classes.section}
      title={t("section.vitals")}
      actions={
        !readOnly &&
        can("chart_write") && (
          <ActionIcon aria-label={t("add.vitals")} title={t("add.vitals")} onClick={() => add(true)}>
            <IconPlus size={18} stroke={1.8} aria-hidden />
          </ActionIcon>
        )
      }
    >
      {last?.vitals ? (
        <>
          <p className={classes.small}>{time.dateTime(last.recorded_at)}</p>
          <VitalsList vitals={last.vitals} courses={courses} onOpen={open} />
        </>
      ) : (
        <Text size="sm" c="dimmed">
          {t("nothing.vitals")}
        </Text>
      )}
      <Suspense>
        {trend && <TrendDialog trend={trend} onClose={() => showTrend(null)} />}
        {isAdding && <VitalsDialog patientId={patientId} onClose={() => add(false)} />}
      </Suspense>
    </Card>
  );
}

interface VitalsListProps {
  vitals: Vitals;
  courses?: Record<string, Points>;
  onOpen?: (one: Measure) => void;
}

/** Measurements of one moment, the pressure as one. */
export function VitalsList({ vitals, courses = {}, onOpen }: VitalsListProps) {
  const { t } = useTranslation("clinical");
  const time = useTime();
  const units = usualUnits(time.language);
  const there = MEASURES.filter(({ key }) => vitals[key] !== undefined && key !== "diastolic");
  return (
    <dl className={classes.vitals}>
      {there.map((one) => {
        const { key } = one;
        const value = vitals[key] as number;
        const unit = unitOf(one, units[key as keyof typeof units]);
        const lower = key === "systolic" ? vitals.diastolic : undefined;
        const isFar = isUnusual(one, value) || (lower !== undefined && isUnusual(measureOf("diastolic"), lower));
        const label = t(`vital.${key === "systolic" ? "pressure" : key}`);
        const course = courses[key] ?? [];
        const text = `${shown(one, value, unit, time.language)}${lower === undefined ? "" : `/${lower}`}`;
        return (
          <div key={key} data-far={isFar || undefined}>
            <dt>{label}</dt>
            <dd>
              <span>
                <bdi dir="ltr">
                  <strong>{text}</strong> {unit.name}
                </bdi>
                {isFar && <span className={classes.far}>{t("unusual")}</span>}
              </span>
              {onOpen && course.length > 1 && (
                <button
                  type="button"
                  className={classes.course}
                  aria-label={t("showTrend", { what: label })}
                  onClick={() => onOpen(one)}
                >
                  <Sparkline values={course.map((point) => point.value)} />
                </button>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
