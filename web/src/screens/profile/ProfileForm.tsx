/** Name and ways to sign in. Changing the latter asks for the password. */
import { PasswordInput, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useApiMutation } from "@/api/query";
import { updateMe } from "@/api/session";
import { Card } from "@/ui/Card";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { useMe } from "@/ui/session";
import { done } from "@/ui/toast";

export function ProfileForm() {
  const { t } = useTranslation("profile");
  const me = useMe();
  const stored = { first_name: me.first_name, last_name: me.last_name, email: me.email ?? "", phone: me.phone ?? "" };
  const save = useApiMutation("put", "/api/auth/me");
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: { ...stored, current_password: "" },
    submit: async ({ current_password, ...values }) => {
      const changed = Object.entries(values).filter(([field, value]) => value !== stored[field as keyof typeof stored]);
      const body = Object.fromEntries(changed.map(([field, value]) => [field, value || null]));
      const needsPassword = "email" in body || "phone" in body;
      const answer = await save.mutateAsync({
        body: needsPassword ? { ...body, current_password } : body,
        version: me.version,
      });
      updateMe(answer.user);
      form.setFieldValue("current_password", "");
      done(t("saved"));
    },
  });
  const { email, phone } = form.values;
  const needsPassword = email !== stored.email || phone !== stored.phone;
  return (
    <Card title={t("you")}>
      <form onSubmit={onSubmit} noValidate>
        <Stack gap="sm">
          <FormProblem problem={problem} />
          <SimpleGrid cols={2} spacing="sm">
            <TextInput label={t("firstName")} autoComplete="given-name" {...form.getInputProps("first_name")} />
            <TextInput label={t("lastName")} autoComplete="family-name" {...form.getInputProps("last_name")} />
          </SimpleGrid>
          <TextInput label={t("email")} type="email" autoComplete="email" {...form.getInputProps("email")} />
          <TextInput label={t("phone")} type="tel" autoComplete="tel" {...form.getInputProps("phone")} />
          {needsPassword && (
            <PasswordInput
              label={t("currentPassword")}
              description={t("currentPasswordHint")}
              autoComplete="current-password"
              visibilityToggleButtonProps={{ "aria-label": t("common:field.showPassword") }}
              {...form.getInputProps("current_password")}
            />
          )}
        </Stack>
        <Actions submit={t("save")} busy={busy} />
      </form>
    </Card>
  );
}
