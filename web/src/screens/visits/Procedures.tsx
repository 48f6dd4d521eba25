/** What was done, from the fee schedule, with what it comes to; it becomes the lines of the invoice. */
import { ActionIcon, NumberInput, Select, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { write } from "@/api/operations";
import { useApiQuery } from "@/api/query";
import { formatMoney } from "@/lib/money";
import { Card } from "@/ui/Card";
import type { Visit } from "@/ui/clinical/types";
import { failed, refused } from "@/ui/toast";
import { useLocale } from "@/ui/useTime";
import { areModifiers, lineTotal, modifiersOf, type Procedure, total } from "./charges";
import type { VisitChanges } from "./useVisit";
import classes from "./visits.module.css";

interface ProceduresProps {
  visit: Visit;
  changes: VisitChanges;
  mayWrite: boolean;
}

interface Line {
  service_id: number;
  units: number;
  modifiers: string[];
}

const again = ({ service_id, units, modifiers }: Procedure): Line => ({ service_id, units, modifiers: [...modifiers] });

export function Procedures({ visit, changes, mayWrite }: ProceduresProps) {
  const { t } = useTranslation("visits");
  const language = useLocale();
  const services = useApiQuery(
    "/api/fee-schedule",
    { query: { is_active: true, per_page: 100 } },
    { enabled: mayWrite },
  );
  const sum = total(visit.procedures);
  const set = async (change: (all: Line[]) => Line[]) => {
    const params = { path: { visit_id: visit.visit_id } };
    try {
      await changes.send((version) => {
        const procedures = change((changes.latest() ?? visit).procedures.map(again));
        return write("put", "/api/visits/{visit_id}/procedures", { params, body: { procedures }, version });
      });
    } catch (error) {
      failed(error, t);
    }
  };
  const change = (index: number, to: Partial<Line>) =>
    set((all) => all.map((line, at) => (at === index ? { ...line, ...to } : line)));
  const offered = services.data?.services ?? [];
  return (
    <Card title={t("procedures")} className={classes.card}>
      {visit.procedures.length === 0 && <p className={classes.small}>{t("noProcedures")}</p>}
      <ol className={classes.lines} aria-label={t("procedures")}>
        {visit.procedures.map((line, index) => (
          <li key={line.line_no} className={classes.procedure}>
            <span className={classes.procedureName}>
              <strong className={classes.code}>{line.code}</strong> {line.description}
            </span>
            {mayWrite ? (
              <LineFields line={line} onChange={(to) => void change(index, to)} />
            ) : (
              <span className={classes.small}>
                {[t("unitsOf", { count: line.units }), ...line.modifiers].join(" · ")}
              </span>
            )}
            <span className={classes.amount}>
              {formatMoney(lineTotal(line), line.currency, language)}
              {mayWrite && (
                <ActionIcon
                  aria-label={t("removeOne", { name: line.description })}
                  onClick={() => void set((all) => all.filter((_, at) => at !== index))}
                >
                  <IconTrash size={16} stroke={1.8} aria-hidden />
                </ActionIcon>
              )}
            </span>
          </li>
        ))}
      </ol>
      {sum && (
        <p className={classes.total} role="status">
          <span>{t("total")}</span>
          <strong>{formatMoney(sum.amount, sum.currency, language)}</strong>
        </p>
      )}
      {mayWrite && (
        <Select
          label={t("addProcedure")}
          placeholder={t("addProcedureHint")}
          searchable
          nothingFoundMessage={t("noService")}
          value={null}
          data={offered.map(({ service_id, code, description, price, currency }) => ({
            value: String(service_id),
            label: `${code} · ${description} · ${formatMoney(price, currency, language)}`,
          }))}
          onChange={(chosen) =>
            chosen && void set((all) => [...all, { service_id: Number(chosen), units: 1, modifiers: [] }])
          }
        />
      )}
    </Card>
  );
}

function LineFields({ line, onChange }: { line: Procedure; onChange: (to: Partial<Line>) => void }) {
  const { t } = useTranslation("visits");
  const [units, setUnits] = useState<number | string>(line.units);
  const [typed, setTyped] = useState(line.modifiers.join(" "));
  const storeUnits = () => {
    const count = Number(units);
    if (Number.isInteger(count) && count >= 1 && count <= 999) {
      if (count !== line.units) onChange({ units: count });
    } else setUnits(line.units);
  };
  const storeModifiers = () => {
    const modifiers = modifiersOf(typed);
    if (!areModifiers(modifiers)) return refused(t("modifiersFault"));
    if (modifiers.join() !== line.modifiers.join()) onChange({ modifiers });
  };
  return (
    <span className={classes.fields}>
      <NumberInput
        size="xs"
        aria-label={t("unitsFor", { name: line.description })}
        min={1}
        max={999}
        allowDecimal={false}
        w={72}
        value={units}
        onChange={setUnits}
        onBlur={storeUnits}
      />
      <TextInput
        size="xs"
        aria-label={t("modifiersFor", { name: line.description })}
        placeholder={t("modifiers")}
        maxLength={16}
        w={96}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={storeModifiers}
        onKeyDown={(event) => event.key === "Enter" && storeModifiers()}
      />
    </span>
  );
}
