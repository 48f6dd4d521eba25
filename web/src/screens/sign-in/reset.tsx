/** Chooses a new password, with the token in the mailed link. The token stands behind the `#`, so it reaches no log. */
import { Button, PasswordInput, Stack } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { write } from "@/api/operations";
import { hashToken } from "@/lib/hashToken";
import { FormProblem } from "@/ui/form/FormProblem";
import { useTextForm } from "@/ui/form/useTextForm";
import { GuestLayout } from "@/ui/shell/GuestLayout";

const SHORTEST = 8;

export function Screen() {
  const { t } = useTranslation("sign-in");
  const [token] = useState(hashToken);
  const [isDone, setDone] = useState(false);
  const { field, onSubmit, busy, problem } = useTextForm({
    initialValues: { password: "" },
    validate: { password: (value) => ([...value].length >= SHORTEST ? null : t("passwordShort", { count: SHORTEST })) },
    submit: async ({ password }) => {
      await write("post", "/api/auth/password/reset", { body: { token: token ?? "", password } });
      setDone(true);
    },
  });
  if (token === null) {
    return (
      <GuestLayout
        title={t("deadTitle")}
        intro={t("deadIntro")}
        footer={<Link to="/forgot-password">{t("forgotAgain")}</Link>}
      />
    );
  }
  if (isDone) {
    return (
      <GuestLayout
        title={t("resetDone")}
        intro={t("resetDoneIntro")}
        footer={<Link to="/sign-in">{t("action")}</Link>}
      />
    );
  }
  return (
    <GuestLayout title={t("resetTitle")} intro={t("resetIntro")}>
      <form onSubmit={onSubmit} noValidate>
        <Stack gap="md">
          <FormProblem problem={problem} />
          <PasswordInput
            label={t("newPassword")}
            description={t("passwordHint", { count: SHORTEST })}
            autoComplete="new-password"
            size="md"
            autoFocus
            visibilityToggleButtonProps={{ "aria-label": t("common:field.showPassword") }}
            {...field("password")}
          />
          <Button type="submit" size="md" fullWidth loading={busy}>
            {t("resetAction")}
          </Button>
        </Stack>
      </form>
    </GuestLayout>
  );
}
