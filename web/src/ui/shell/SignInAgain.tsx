/** The session ended while somebody was working. They sign in again here, and go on where they were: the screen below stays. */
import { Button, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Login, signIn, signOut } from "@/api/session";
import type { Me } from "@/api/types";
import { FormProblem } from "../form/FormProblem";
import { useApiForm } from "../form/useApiForm";
import { Modal } from "../Modal";

export default function SignInAgain({ user }: { user: Me }) {
  const { t } = useTranslation("common");
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: { password: "" },
    submit: ({ password }) => signIn({ ...nameOf(user), password, clinic: user.clinic_code }),
  });
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      size="sm"
      title={t("again.title")}
      zIndex={400}
    >
      <form onSubmit={onSubmit} noValidate>
        <Stack gap="sm">
          <Text c="dimmed">{t("again.hint", { name: `${user.first_name} ${user.last_name}` })}</Text>
          <FormProblem problem={problem} />
          <input
            type="text"
            name="username"
            autoComplete="username"
            hidden
            readOnly
            value={user.email ?? user.username ?? user.phone ?? ""}
          />
          <PasswordInput
            label={t("field.password")}
            autoComplete="current-password"
            data-autofocus
            visibilityToggleButtonProps={{ "aria-label": t("field.showPassword") }}
            {...form.getInputProps("password")}
          />
          <Group justify="space-between" mt="xs">
            <Button variant="subtle" color="gray" onClick={() => void signOut()}>
              {t("again.other")}
            </Button>
            <Button type="submit" loading={busy}>
              {t("again.action")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function nameOf({ email, username, phone }: Me): Pick<Login, "email" | "username" | "phone"> {
  if (email) return { email };
  return username ? { username } : { phone };
}
