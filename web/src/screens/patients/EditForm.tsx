/** Changes a chart. What somebody else saved meanwhile is shown beside it. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { useApiMutation, useApiQuery } from "@/api/query";
import { ConflictDialog, differences } from "@/ui/ConflictDialog";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { done } from "@/ui/toast";
import { Fields } from "./Fields";
import { changedBody, EMPTY, type Values, valuesOf } from "./form";
import type { Patient } from "./types";

const LABELS = {
  first_name: "firstName",
  last_name: "lastName",
  dob: "dob",
  sex: "sex",
  phone: "phone",
  email: "email",
  address: "address",
  emergency_contact_name: "emergencyName",
  emergency_contact_phone: "emergencyPhone",
  mrn: "mrn",
  external_reference: "externalReference",
  preferred_language: "language",
  national_id: "nationalId",
  insurance_number: "insuranceNumber",
} as const;

export function EditForm({ patient: opened, onDone }: { patient: Patient; onDone: () => void }) {
  const { t } = useTranslation("patients");
  // What was there when the form was opened: what others save meanwhile is met at saving, not slipped in below.
  const [patient] = useState(opened);
  const [conflict, setConflict] = useState<{ mine: Values; theirs: Values; version: number } | null>(null);
  const path = { patient_id: patient.patient_id };
  const latest = useApiQuery("/api/patients/{patient_id}", { path }, { enabled: false });
  const update = useApiMutation("put", "/api/patients/{patient_id}", { invalidates: ["/api/patients"] });
  const save = async (before: Values, values: Values, version: number) => {
    const body = changedBody(before, values);
    if (Object.keys(body).length > 0) await update.mutateAsync({ params: { path }, body: body as never, version });
    done(t("saved"));
    onDone();
  };
  const required = (value: string) => (value.trim() ? null : t("common:problem.required"));
  const { form, onSubmit, busy, problem, setProblem } = useApiForm<Values>({
    initialValues: valuesOf(patient),
    validate: { first_name: required, last_name: required, dob: required, mrn: required },
    submit: async (values) => {
      try {
        await save(valuesOf(patient), values, patient.version);
      } catch (error) {
        if (!(error instanceof ApiProblem) || !error.isStale) throw error;
        const { data: now } = await latest.refetch();
        if (!now) throw error;
        const theirs = valuesOf(now);
        if (differences(values, theirs, fields).length === 0) return onDone();
        setConflict({ mine: values, theirs, version: now.version });
      }
    },
  });
  const fields = (Object.keys(EMPTY) as (keyof typeof LABELS)[]).map((key) => ({ key, label: t(LABELS[key]) }));
  return (
    <>
      <form onSubmit={onSubmit} noValidate>
        <FormProblem problem={problem} />
        <Fields form={form} isNew={false} />
        <Actions submit={t("common:action.save")} busy={busy} onCancel={onDone} />
      </form>
      <ConflictDialog
        conflict={conflict}
        fields={fields}
        onResolve={(merged) => {
          if (conflict === null) return;
          setConflict(null);
          void save(conflict.theirs, merged, conflict.version).catch(setProblem);
        }}
        onCancel={() => setConflict(null)}
      />
    </>
  );
}
