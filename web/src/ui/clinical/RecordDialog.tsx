/** Adds an entry to a chart or changes one; which fields there are depends on its kind. */
import { Checkbox, Select, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiMutation } from "@/api/query";
import { Dialog } from "@/ui/Dialog";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { done } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import { Icd10Search } from "./Icd10Search";
import { changedBody, FIELDS, type FieldName, type FormKind, newBody, SEVERITIES, STATUSES, valuesOf } from "./records";
import { CHART_READS, type Entry } from "./types";

interface RecordDialogProps {
  kind: FormKind;
  patientId: number;
  visitId: number | null;
  /** What is changed; a new one has no `record_id`. */
  entry: Partial<Entry>;
  onClose: () => void;
}

const LENGTHS: Partial<Record<FieldName, number>> = { name: 500, code: 10, details: 2000 };
const DAYS: readonly FieldName[] = ["started_on", "ended_on", "due_on"];

export default function RecordDialog({ kind, patientId, visitId, entry, onClose }: RecordDialogProps) {
  const { t } = useTranslation("clinical");
  const time = useTime();
  const [before] = useState(() => valuesOf(kind, entry, time.today()));
  const create = useApiMutation("post", "/api/patients/{patient_id}/records", { invalidates: CHART_READS });
  const change = useApiMutation("put", "/api/patients/{patient_id}/records/{record_id}", { invalidates: CHART_READS });
  const isNew = entry.record_id === undefined;
  const required: FieldName = kind === "note" ? "details" : "name";
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: before,
    validate: {
      [required]: (value: unknown) => (String(value ?? "").trim() ? null : t("common:problem.required")),
    },
    submit: async (values) => {
      if (isNew) {
        const body = { ...newBody(kind, values), ...(visitId ? { visit_id: visitId } : {}) };
        await create.mutateAsync({ params: { path: { patient_id: patientId } }, body: body as never });
      } else {
        const params = { path: { patient_id: patientId, record_id: entry.record_id as number } };
        const body = changedBody(kind, before, values);
        if (Object.keys(body).length > 0) {
          await change.mutateAsync({ params, body: body as never, version: entry.version ?? null });
        }
      }
      done(t("saved"));
      onClose();
    },
  });
  const input = (field: FieldName) => ({
    label: t([`field.${kind}.${field}`, `field.${field}`]),
    maxLength: LENGTHS[field] ?? 200,
    ...form.getInputProps(field),
  });
  const control = (field: FieldName) => {
    if (field === "name" && kind === "condition") {
      const { label, error } = input(field);
      return (
        <Icd10Search
          key={field}
          label={label}
          error={error}
          autoFocus
          value={form.getValues().name}
          onChange={(name) => form.setFieldValue("name", name)}
          onPick={({ code, description }) => form.setValues({ name: description, code: code ?? form.getValues().code })}
        />
      );
    }
    if (field === "status" || field === "severity") {
      const choices: readonly string[] = field === "status" ? STATUSES[kind] : SEVERITIES;
      const words = field === "status" ? "entryStatus" : "severity";
      return (
        <Select
          key={field}
          {...input(field)}
          allowDeselect={field === "severity"}
          clearable={field === "severity"}
          clearButtonProps={{ "aria-label": t("clear") }}
          data={choices.map((value) => ({ value, label: t(`${words}.${value}`) }))}
          onChange={(value) => form.setFieldValue(field, value ?? "")}
        />
      );
    }
    if (field === "details") {
      const most = kind === "note" ? 20_000 : 2000;
      return <Textarea key={field} {...input(field)} maxLength={most} minRows={kind === "note" ? 5 : 2} />;
    }
    if (field === "sensitive") {
      return <Checkbox key={field} label={t("field.sensitive")} {...form.getInputProps(field, { type: "checkbox" })} />;
    }
    if (DAYS.includes(field)) return <TextInput key={field} type="date" {...input(field)} />;
    if (field === "dose_number") return <TextInput key={field} inputMode="numeric" {...input(field)} maxLength={2} />;
    return <TextInput key={field} {...input(field)} data-autofocus={field === "name" || undefined} />;
  };
  const fields = FIELDS[kind];
  const isWide = (field: FieldName) => field === "name" || field === "details" || field === "sensitive";
  const narrow = fields.filter((field) => !isWide(field));
  return (
    <Dialog onClose={onClose} size="lg" title={t(`${isNew ? "add" : "edit"}.${kind}`)}>
      <form onSubmit={onSubmit} noValidate>
        <Stack gap="sm">
          <FormProblem problem={problem} />
          {fields.filter((field) => field === "name").map(control)}
          {narrow.length > 0 && (
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
              {narrow.map(control)}
            </SimpleGrid>
          )}
          {fields.filter((field) => isWide(field) && field !== "name").map(control)}
          <Actions submit={t("common:action.save")} busy={busy} onCancel={onClose} />
        </Stack>
      </form>
    </Dialog>
  );
}
