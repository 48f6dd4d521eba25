/** Has a link mailed with which one chooses a new password. */
import { Button, Stack, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { write } from "@/api/operations";
import { FormProblem } from "@/ui/form/FormProblem";
import { useTextForm } from "@/ui/form/useTextForm";
import { GuestLayout } from "@/ui/shell/GuestLayout";

export function Screen() {
  const { t } = useTranslation("sign-in");
  const [sentTo, setSentTo] = useState<string | null>(null);
  const { field, onSubmit, busy, problem } = useTextForm({
    initialValues: { email: "" },
    validate: { email: (value) => (value.includes("@") ? null : t("emailMissing")) },
    submit: async ({ email }) => {
      await write("post", "/api/auth/password/forgot", { body: { email: email.trim() } });
      setSentTo(email.trim());
    },
  });
  const back = <Link to="/sign-in">{t("back")}</Link>;
  if (sentTo !== null)
    return <GuestLayout title={t("sentTitle")} intro={t("sentIntro", { email: sentTo })} footer={back} />;
  return (
    <GuestLayout title={t("forgotTitle")} intro={t("forgotIntro")} footer={back}>
      <form onSubmit={onSubmit} noValidate>
        <Stack gap="md">
          <FormProblem problem={problem} />
          <TextInput label={t("email")} type="email" autoComplete="email" size="md" autoFocus {...field("email")} />
          <Button type="submit" size="md" fullWidth loading={busy}>
            {t("forgotAction")}
          </Button>
        </Stack>
      </form>
    </GuestLayout>
  );
}
