/** The beginnings of notes: keeps what is written as one, and takes one away. */
import { ActionIcon, Checkbox, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useApiMutation, useApiQuery } from "@/api/query";
import { useConfirm } from "@/ui/confirm";
import { Dialog } from "@/ui/Dialog";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { useCan, useMe } from "@/ui/session";
import { QueryView } from "@/ui/states";
import { Tag } from "@/ui/Tag";
import { done, failed } from "@/ui/toast";
import { type Notes, PARTS } from "./notes";
import classes from "./visits.module.css";

const READS = ["/api/visit-templates"];

export default function TemplatesDialog({ notes, onClose }: { notes: Notes; onClose: () => void }) {
  const { t } = useTranslation("visits");
  const can = useCan();
  const me = useMe();
  const confirm = useConfirm();
  const query = useApiQuery("/api/visit-templates");
  const create = useApiMutation("post", "/api/visit-templates", { invalidates: READS });
  const remove = useApiMutation("delete", "/api/visit-templates/{template_id}", { invalidates: READS });
  const mayShare = can("clinic_settings");
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: { name: "", shared: false as boolean },
    validate: { name: (value) => (value.trim() ? null : t("common:problem.required")) },
    submit: async ({ name, shared }) => {
      const parts = PARTS.filter((part) => notes[part].trim() !== "").map((part) => [part, notes[part]]);
      await create.mutateAsync({ body: { name, shared, ...Object.fromEntries(parts) } });
      done(t("templateKept", { name }));
      form.reset();
    },
  });
  const forget = async (template_id: number, name: string, version: number) => {
    if (!(await confirm({ title: t("templateDelete", { name }), action: t("delete"), danger: true }))) return;
    await remove
      .mutateAsync({ params: { path: { template_id } }, version })
      .catch((error: unknown) => failed(error, t));
  };
  return (
    <Dialog onClose={onClose} title={t("templates")}>
      <QueryView
        query={query}
        isEmpty={({ templates }) => templates.length === 0}
        empty={<p className={classes.small}>{t("noTemplates")}</p>}
      >
        {({ templates }) => (
          <ul className={classes.lines}>
            {templates.map(({ template_id, name, shared, owner_user_id, version }) => (
              <li key={template_id}>
                <span>
                  {name} {shared && <Tag>{t("ofClinic")}</Tag>}
                </span>
                {(shared ? mayShare : owner_user_id === me.user_id) && (
                  <ActionIcon
                    aria-label={t("deleteOne", { name })}
                    onClick={() => void forget(template_id, name, version)}
                  >
                    <IconTrash size={16} stroke={1.8} aria-hidden />
                  </ActionIcon>
                )}
              </li>
            ))}
          </ul>
        )}
      </QueryView>
      <form onSubmit={onSubmit} noValidate>
        <FormProblem problem={problem} />
        <TextInput mt="md" label={t("templateName")} maxLength={100} {...form.getInputProps("name")} />
        {mayShare && (
          <Checkbox mt="xs" label={t("templateShared")} {...form.getInputProps("shared", { type: "checkbox" })} />
        )}
        <Actions submit={t("keepTemplate")} busy={busy} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
