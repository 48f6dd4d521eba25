/** Invites the first administrator of a clinic; everybody else is theirs to invite. */
import { Button, Group, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiMutation } from "@/api/query";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import type { Clinic } from "./types";

interface InviteAdminProps {
  clinic: Pick<Clinic, "clinic_id" | "name">;
  onClose: () => void;
}

export default function InviteAdmin({ clinic, onClose }: InviteAdminProps) {
  const { t } = useTranslation("operator");
  const [sentTo, setSentTo] = useState<string | null>(null);
  const invite = useApiMutation("post", "/api/clinics/{clinic_id}/admins", { invalidates: ["/api/clinics/usage"] });
  const required = (value: string) => (value.trim() ? null : t("common:problem.required"));
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: { first_name: "", last_name: "", email: "" },
    validate: { first_name: required, last_name: required, email: required },
    submit: async ({ first_name, last_name, email }) => {
      await invite.mutateAsync({
        params: { path: { clinic_id: clinic.clinic_id } },
        body: { first_name: first_name.trim(), last_name: last_name.trim(), email: email.trim() },
      });
      setSentTo(email.trim());
    },
  });
  if (sentTo !== null) {
    return (
      <Stack gap="sm">
        <Text role="status">{t("adminInvited", { email: sentTo, name: clinic.name })}</Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => setSentTo(null)}>
            {t("otherAddress")}
          </Button>
          <Button autoFocus onClick={onClose}>
            {t("common:action.close")}
          </Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack gap="sm">
        <Text>{t("firstAdmin")}</Text>
        <FormProblem problem={problem} />
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <TextInput label={t("firstName")} data-autofocus maxLength={100} {...form.getInputProps("first_name")} />
          <TextInput label={t("lastName")} maxLength={100} {...form.getInputProps("last_name")} />
        </SimpleGrid>
        <TextInput label={t("email")} type="email" maxLength={254} {...form.getInputProps("email")} />
        <Actions submit={t("inviteAdmin")} busy={busy} onCancel={onClose} />
      </Stack>
    </form>
  );
}
