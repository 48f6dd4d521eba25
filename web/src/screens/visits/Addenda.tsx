/** What was added after a visit was completed; what was written stays as it was. */
import { Textarea } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useApiMutation } from "@/api/query";
import { Card } from "@/ui/Card";
import type { Visit } from "@/ui/clinical/types";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { done } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import classes from "./visits.module.css";

export function Addenda({ visit, mayWrite }: { visit: Visit; mayWrite: boolean }) {
  const { t } = useTranslation("visits");
  const time = useTime();
  const add = useApiMutation("post", "/api/visits/{visit_id}/addenda", { invalidates: ["/api/visits"] });
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: { text: "" },
    validate: { text: (value) => (value.trim() ? null : t("common:problem.required")) },
    submit: async ({ text }) => {
      await add.mutateAsync({ params: { path: { visit_id: visit.visit_id } }, body: { text } });
      done(t("added"));
      form.reset();
    },
  });
  if (!mayWrite && visit.addenda.length === 0) return null;
  return (
    <Card title={t("addenda")} className={classes.card}>
      <ol className={classes.lines} aria-label={t("addenda")}>
        {visit.addenda.map(({ addendum_id, text, created_at, created_by }) => (
          <li key={addendum_id} className={classes.addendum}>
            <span className={classes.written}>{text}</span>
            <span className={classes.small}>
              {[created_by && `${created_by.first_name} ${created_by.last_name}`, time.dateTime(created_at)]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </li>
        ))}
      </ol>
      {mayWrite && (
        <form onSubmit={onSubmit} noValidate>
          <FormProblem problem={problem} />
          <Textarea label={t("addendum")} maxLength={20_000} minRows={2} {...form.getInputProps("text")} />
          <Actions submit={t("add")} busy={busy} />
        </form>
      )}
    </Card>
  );
}
