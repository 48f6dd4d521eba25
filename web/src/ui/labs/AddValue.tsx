/** One more value for a report, typed from it. */
import { Button, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useApiMutation } from "@/api/query";
import { FormProblem } from "../form/FormProblem";
import { useApiForm } from "../form/useApiForm";
import { done } from "../toast";
import classes from "./labs.module.css";
import { resultOf, type Typed } from "./results";
import { LAB_READS, type Result } from "./types";

const EMPTY: Typed & Record<string, unknown> = { analyte: "", value: "", unit: "", low: "", high: "" };

interface AddValueProps {
  id: number;
  /** Told what is recorded, where nobody reads the report again. */
  onAdded?: (results: readonly Result[]) => void;
}

export function AddValue({ id, onAdded }: AddValueProps) {
  const { t } = useTranslation("labs");
  const add = useApiMutation("post", "/api/lab-reports/{lab_report_id}/results", { invalidates: LAB_READS });
  const required = (value: string) => (value.trim() ? null : t("common:problem.required"));
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: EMPTY,
    fieldOf: (field) => {
      const name = field.replace(/^results\[\d+\]\./, "");
      return { reference_low: "low", reference_high: "high", value_text: "value" }[name] ?? name;
    },
    validate: { analyte: required, value: required },
    submit: async (typed) => {
      const params = { path: { lab_report_id: id } };
      const { lab_results } = await add.mutateAsync({ params, body: { results: [resultOf(typed)] } });
      onAdded?.(lab_results);
      done(t("added", { name: typed.analyte }));
      form.reset();
      form.getInputNode("analyte")?.focus();
    },
  });
  return (
    <form onSubmit={onSubmit} noValidate className={classes.form}>
      <FormProblem problem={problem} />
      <div className={classes.fields}>
        <TextInput size="xs" label={t("analyte")} maxLength={200} {...form.getInputProps("analyte")} />
        <TextInput size="xs" label={t("value")} maxLength={100} {...form.getInputProps("value")} />
        <TextInput size="xs" label={t("unit")} maxLength={40} {...form.getInputProps("unit")} />
        <TextInput size="xs" label={t("low")} inputMode="decimal" maxLength={12} {...form.getInputProps("low")} />
        <TextInput size="xs" label={t("high")} inputMode="decimal" maxLength={12} {...form.getInputProps("high")} />
      </div>
      <Button type="submit" size="xs" variant="default" mt="xs" loading={busy}>
        {t("addValue")}
      </Button>
    </form>
  );
}
