/** The first steps of a new installation: clinic, admin, doctor and hours, prices, in one request at the end. */
import { Anchor, Button, Group, Stack } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { write } from "@/api/operations";
import { ApiProblem } from "@/api/problem";
import { useApiQuery } from "@/api/query";
import { enter } from "@/api/session";
import { hashToken } from "@/lib/hashToken";
import { FormProblem } from "@/ui/form/FormProblem";
import { GuestLayout } from "@/ui/shell/GuestLayout";
import { AdminStep } from "./AdminStep";
import { ClinicStep } from "./ClinicStep";
import { DoctorStep } from "./DoctorStep";
import { bodyOf, type Draft, forget, fresh, keep, kept, stepOf } from "./draft";
import { ServicesStep } from "./ServicesStep";
import classes from "./setup.module.css";

const STEPS = ["clinic", "admin", "doctor", "services"] as const;

export function Screen() {
  const { t } = useTranslation("setup");
  const [token] = useState(hashToken);
  const state = useApiQuery("/api/setup");
  if (token !== null && state.data?.needed !== false) return <Wizard token={token} />;
  const isDone = state.data?.needed === false;
  return (
    <GuestLayout
      title={t(isDone ? "doneTitle" : "noLinkTitle")}
      intro={t(isDone ? "doneIntro" : "noLinkIntro")}
      footer={
        <Anchor component={Link} to={isDone ? "/sign-in" : "/"}>
          {t(isDone ? "signIn" : "home")}
        </Anchor>
      }
    />
  );
}

/** The refused fields, as the wizard's parts name them. */
export type Faults = Readonly<Record<string, string>>;

export interface StepProps {
  draft: Draft;
  change: (change: Partial<Draft>) => void;
  faults: Faults;
}

function Wizard({ token }: { token: string }) {
  const { t } = useTranslation("setup");
  const navigate = useNavigate();
  const [draft, setDraft] = useState<Draft>(
    () => kept() ?? fresh(Intl.DateTimeFormat().resolvedOptions().timeZone, navigator.languages, t("visit")),
  );
  const [step, setStep] = useState(0);
  const [faults, setFaults] = useState<Faults>({});
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const title = useRef<HTMLHeadingElement>(null);
  const key = useRef(crypto.randomUUID());

  useEffect(() => keep(draft), [draft]);
  const isFirst = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the heading gets the focus when another step is shown
  useEffect(() => {
    if (!isFirst.current) title.current?.focus();
    isFirst.current = false;
  }, [step]);

  const change = (part: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    setFaults({});
  };

  const send = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const tokens = await write("post", "/api/setup", { body: bodyOf(draft, token), key: key.current });
      forget();
      enter(tokens);
      await navigate({ to: draft.doctor.who === "later" ? "/admin" : "/schedule" });
    } catch (error) {
      key.current = crypto.randomUUID();
      const fields = error instanceof ApiProblem ? error.fields : {};
      const [first] = Object.keys(fields);
      setFaults(fields);
      if (first === undefined || first === "token") setProblem(error);
      else setStep(stepOf(first));
    } finally {
      setBusy(false);
    }
  };

  const name = STEPS[step] ?? "clinic";
  const isLast = step === STEPS.length - 1;
  const submit = (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const missing = check(name, draft, t);
    setFaults(missing);
    const [first] = Object.keys(missing);
    if (first !== undefined) {
      event.currentTarget.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
      return;
    }
    if (isLast) void send();
    else setStep(step + 1);
  };

  return (
    <GuestLayout title={t("title")} intro={t("intro")} wide>
      <ol className={classes.steps} aria-label={t("steps")}>
        {STEPS.map((each, index) => (
          <li key={each} aria-current={index === step ? "step" : undefined} data-done={index < step || undefined}>
            <span aria-hidden className={classes.number}>
              {index + 1}
            </span>
            {t(`step.${each}`)}
          </li>
        ))}
      </ol>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <h2 ref={title} tabIndex={-1} className={classes.heading}>
            {t(`heading.${name}`)}
          </h2>
          <FormProblem problem={problem} />
          {name === "clinic" && <ClinicStep draft={draft} change={change} faults={faults} />}
          {name === "admin" && <AdminStep draft={draft} change={change} faults={faults} />}
          {name === "doctor" && <DoctorStep draft={draft} change={change} faults={faults} />}
          {name === "services" && <ServicesStep draft={draft} change={change} faults={faults} />}
          <Group justify="space-between" mt="xs">
            {step > 0 ? (
              <Button variant="default" size="md" onClick={() => setStep(step - 1)}>
                {t("back")}
              </Button>
            ) : (
              <span />
            )}
            <Button type="submit" size="md" loading={busy}>
              {t(isLast ? "finish" : "next")}
            </Button>
          </Group>
        </Stack>
      </form>
    </GuestLayout>
  );
}

/** What a step still lacks, by the name of the field. */
function check(step: (typeof STEPS)[number], draft: Draft, t: TFunction<"setup">): Faults {
  const required = t("common:problem.required");
  const faults: Record<string, string> = {};
  const need = (field: string, value: string) => {
    if (!value.trim()) faults[field] = required;
  };
  if (step === "clinic") {
    need("clinic.name", draft.clinic.name);
    need("clinic.time_zone", draft.clinic.time_zone);
    need("clinic.currency", draft.clinic.currency);
    if (draft.clinic.code && !/^[A-Z]{2,6}[0-9]{2,4}$/.test(draft.clinic.code)) faults["clinic.code"] = t("codeFault");
  }
  if (step === "admin") {
    need("admin.first_name", draft.admin.first_name);
    need("admin.last_name", draft.admin.last_name);
    if (!/^\S+@\S+\.\S+$/.test(draft.admin.email.trim())) faults["admin.email"] = t("emailFault");
    if ([...draft.admin.password].length < 8) faults["admin.password"] = t("common:problem.tooShort", { count: 8 });
  }
  if (step === "doctor" && draft.doctor.who === "other") {
    need("first_doctor.first_name", draft.doctor.first_name);
    need("first_doctor.last_name", draft.doctor.last_name);
    if (draft.doctor.email && !/^\S+@\S+\.\S+$/.test(draft.doctor.email.trim()))
      faults["first_doctor.email"] = t("emailFault");
  }
  return faults;
}
