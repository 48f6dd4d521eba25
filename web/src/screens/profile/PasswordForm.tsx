/** A new password, which ends the sessions elsewhere. */
import { PasswordInput, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useApiMutation } from "@/api/query";
import { Card } from "@/ui/Card";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { useMe } from "@/ui/session";
import { done } from "@/ui/toast";

const SHORTEST = 8;

export function PasswordForm() {
  const { t } = useTranslation("profile");
  const me = useMe();
  const change = useApiMutation("put", "/api/users/{user_id}/password", { invalidates: ["/api/auth/sessions"] });
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: { current_password: "", new_password: "" },
    submit: async (body) => {
      await change.mutateAsync({ params: { path: { user_id: me.user_id } }, body });
      form.reset();
      done(t("passwordSaved"));
    },
  });
  const toggle = { "aria-label": t("common:field.showPassword") };
  return (
    <Card title={t("passwordTitle")}>
      <form onSubmit={onSubmit} noValidate>
        <Stack gap="sm">
          <FormProblem problem={problem} />
          <input
            type="text"
            name="username"
            autoComplete="username"
            hidden
            readOnly
            value={me.email ?? me.username ?? ""}
          />
          <PasswordInput
            label={t("currentPassword")}
            autoComplete="current-password"
            visibilityToggleButtonProps={toggle}
            {...form.getInputProps("current_password")}
          />
          <PasswordInput
            label={t("newPassword")}
            description={t("passwordHint", { count: SHORTEST })}
            autoComplete="new-password"
            visibilityToggleButtonProps={toggle}
            {...form.getInputProps("new_password")}
          />
        </Stack>
        <Actions submit={t("passwordAction")} busy={busy} />
      </form>
    </Card>
  );
}
