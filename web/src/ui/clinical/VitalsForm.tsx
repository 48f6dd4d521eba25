/** Measurements as one types them: each with its unit and its limits, the body-mass index at once. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { type FormEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { useFocusBeside } from "@/ui/focus";
import { FormProblem } from "@/ui/form/FormProblem";
import { useTime } from "@/ui/useTime";
import classes from "./clinical.module.css";
import type { VitalsInput } from "./types";
import {
  bmiOf,
  faults,
  inputOf,
  isUnusual,
  MEASURES,
  type Measure,
  measureOf,
  numberOf,
  shown,
  type Typed,
  type TypedKey,
  type Units,
  unitOf,
  usualUnits,
} from "./vitals";

interface VitalsFormProps {
  /** Stores them. What it throws is shown at the fields. */
  save: (vitals: VitalsInput) => Promise<unknown>;
}

const TYPED = MEASURES.filter(({ key }) => key !== "bmi");

export function VitalsForm({ save }: VitalsFormProps) {
  const { t } = useTranslation("clinical");
  const time = useTime();
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  useFocusBeside(form);
  const [typed, setTyped] = useState<Typed>({});
  const [units, setUnits] = useState<Units>(() => usualUnits(time.language));
  const [isChecked, check] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const wrong = faults(typed, units);
  const refused = problem instanceof ApiProblem ? problem.fields : {};
  const bmi = bmiOf(typed, units);
  const isEmpty = Object.values(typed).every((text) => !text?.trim());
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    check(true);
    const first = TYPED.find(({ key }) => wrong[key as TypedKey]);
    if (first) return document.getElementById(`${id}-${first.key}`)?.focus();
    if (isEmpty || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await save(inputOf(typed, units));
      setTyped({});
      check(false);
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const message = (one: Measure): string | undefined => {
    const key = one.key as TypedKey;
    const fault = wrong[key];
    // What is half typed is not wrong yet; what is out of range is, at once.
    if (fault && (isChecked || fault === "range")) return faultText(one, fault);
    return Object.entries(refused).find(([field]) => field === key || field.endsWith(`.${key}`))?.[1];
  };
  const faultText = (one: Measure, fault: string): string => {
    const unit = unitOf(one, units[one.key as TypedKey]);
    const [from, to] = one.possible.map((value) => shown(one, value, unit, time.language));
    return t(`fault.${fault}`, { from, to, unit: unit.name });
  };
  const isFar = (one: Measure): boolean => {
    const value = numberOf(typed[one.key as TypedKey] ?? "");
    return value !== null && isUnusual(one, unitOf(one, units[one.key as TypedKey]).kept(value));
  };
  return (
    <form ref={form} onSubmit={(event) => void submit(event)} noValidate>
      <FormProblem problem={Object.keys(refused).length > 0 ? null : problem} />
      <div className={classes.measures}>
        {TYPED.map((one) => {
          const key = one.key as TypedKey;
          const unit = unitOf(one, units[key]);
          const label = t(`vital.${key}`);
          const fault = message(one);
          return (
            <TextInput
              key={key}
              id={`${id}-${key}`}
              label={label}
              size="sm"
              inputMode="decimal"
              autoComplete="off"
              value={typed[key] ?? ""}
              error={fault}
              description={!fault && isFar(one) ? <span className={classes.far}>{t("isItRight")}</span> : undefined}
              inputWrapperOrder={["label", "input", "description", "error"]}
              rightSectionWidth={one.units.length === 1 ? 54 : one.key === "glucose" ? 72 : 46}
              rightSection={
                one.units.length > 1 ? (
                  <NativeSelect
                    aria-label={t("unitOf", { what: label })}
                    variant="unstyled"
                    size="xs"
                    dir="ltr"
                    classNames={{ root: classes.unitChoice, input: classes.units }}
                    rightSection={<IconChevronDown size={12} stroke={2} aria-hidden />}
                    rightSectionWidth={16}
                    rightSectionPointerEvents="none"
                    data={one.units.map(({ name }) => name)}
                    value={unit.name}
                    onChange={(event) => setUnits({ ...units, [key]: event.currentTarget.value })}
                  />
                ) : (
                  <span className={classes.unit} dir="ltr">
                    {unit.name}
                  </span>
                )
              }
              onChange={(event) => {
                setTyped({ ...typed, [key]: event.currentTarget.value });
                setProblem(null);
              }}
            />
          );
        })}
        <div className={classes.bmi} aria-live="polite">
          <span className={classes.small}>{t("vital.bmi")}</span>
          <strong>
            {bmi === null ? "–" : shown(measureOf("bmi"), bmi, unitOf(measureOf("bmi"), undefined), time.language)}
          </strong>
        </div>
      </div>
      <Button type="submit" mt="sm" loading={busy} disabled={isEmpty}>
        {t("saveVitals")}
      </Button>
    </form>
  );
}
