/** Registers a patient, and says before saving who may be the same person. */
import { Alert, Group } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiMutation, write } from "@/api/query";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { Page } from "@/ui/Page";
import { done } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import { Fields } from "./Fields";
import { EMPTY, isSearchable, newBody, type Values } from "./form";
import classes from "./patients.module.css";
import type { Duplicate } from "./types";

/** While somebody types, the look for the same person waits this long. */
const PAUSE = 400;

export function Screen() {
  const { t } = useTranslation("patients");
  const navigate = useNavigate();
  const create = useApiMutation("post", "/api/patients", { invalidates: ["/api/patients"] });
  const required = (value: string) => (value.trim() ? null : t("common:problem.required"));
  const { form, onSubmit, busy, problem } = useApiForm<Values>({
    initialValues: EMPTY,
    validate: {
      first_name: required,
      last_name: required,
      dob: required,
      sex: (value) => (value ? null : t("common:problem.required")),
    },
    submit: async (values) => {
      const { patient } = await create.mutateAsync({ body: newBody(values) as never });
      done(t("created", { name: `${patient.first_name} ${patient.last_name}` }));
      await navigate({ to: "/patients/$patientId", params: { patientId: String(patient.patient_id) } });
    },
  });
  const same = useDuplicates(form.getValues());
  return (
    <Page title={t("newTitle")}>
      <form onSubmit={onSubmit} noValidate className={classes.form}>
        <FormProblem problem={problem} />
        <Fields form={form} isNew />
        {same.length > 0 && <Same people={same} />}
        <Actions
          submit={t(same.length > 0 ? "saveAnyway" : "save")}
          busy={busy}
          onCancel={() => void navigate({ to: "/patients" })}
        />
      </form>
    </Page>
  );
}

/** Who may be the same person; asked for a moment after the last key. In a body: a name in an address would end up in logs. */
function useDuplicates(values: Values): readonly Duplicate[] {
  const [asked, ask] = useState<Values | null>(null);
  const key = JSON.stringify([
    values.first_name,
    values.last_name,
    values.dob,
    values.phone,
    values.email,
    values.national_id,
    values.insurance_number,
  ]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` says what of the values matters
  useEffect(() => {
    const timer = setTimeout(() => ask(isSearchable(values) ? values : null), PAUSE);
    return () => clearTimeout(timer);
  }, [key]);
  const or = (text: string) => text.trim() || null;
  const body = asked && {
    first_name: or(asked.first_name),
    last_name: or(asked.last_name),
    dob: or(asked.dob),
    phone: or(asked.phone),
    email: or(asked.email),
    national_id: or(asked.national_id),
    insurance_number: or(asked.insurance_number),
  };
  const query = useQuery({
    queryKey: ["/api/patients/duplicates", body],
    queryFn: () => write("post", "/api/patients/duplicates", { body: body ?? {} }),
    enabled: body !== null,
    retry: false,
    placeholderData: keepPreviousData,
  });
  return body === null ? [] : (query.data?.duplicates ?? []);
}

function Same({ people }: { people: readonly Duplicate[] }) {
  const { t } = useTranslation("patients");
  const time = useTime();
  return (
    <Alert
      className={classes.same}
      role="status"
      color="yellow"
      icon={<IconUsers size={18} stroke={1.7} aria-hidden />}
      title={t("same", { count: people.length })}
    >
      <ul className={classes.sameList}>
        {people.map((person) => (
          <li key={person.patient_id}>
            <Group justify="space-between" gap="xs">
              <span>
                <strong>
                  {person.first_name} {person.last_name}
                </strong>{" "}
                · {time.day(person.dob, "medium")} · {person.mrn} ·{" "}
                {person.reasons.map((reason) => t(`reason.${reason}`)).join(", ")}
              </span>
              <Link to="/patients/$patientId" params={{ patientId: String(person.patient_id) }}>
                {t("openChart")}
              </Link>
            </Group>
          </li>
        ))}
      </ul>
    </Alert>
  );
}
