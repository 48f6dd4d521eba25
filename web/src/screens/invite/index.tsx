/** Accepts an invitation to a clinic's staff: with a new password, or with the one that the person already has. */
import { Anchor, Button, PasswordInput, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Answer, write } from "@/api/operations";
import { ApiProblem } from "@/api/problem";
import { enter } from "@/api/session";
import { hashToken } from "@/lib/hashToken";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { GuestLayout } from "@/ui/shell/GuestLayout";
import { homeOf } from "@/ui/shell/home";
import { ErrorState, Loading } from "@/ui/states";

const SHORTEST = 8;

type Invitation = Answer<"/api/auth/invitation", "post">;

export function Screen() {
  const { t } = useTranslation("invite");
  const [token] = useState(hashToken);
  const invitation = useQuery({
    queryKey: ["/api/auth/invitation", token],
    queryFn: () => write("post", "/api/auth/invitation", { body: { token: token ?? "" } }),
    enabled: token !== null,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  if (token === null) return <DeadLink />;
  if (invitation.isSuccess) return <Accept token={token} invitation={invitation.data} />;
  const isDead = invitation.error instanceof ApiProblem && [400, 401, 404, 409].includes(invitation.error.status);
  if (isDead) return <DeadLink />;
  return (
    <GuestLayout title={t("title")}>
      {invitation.isError ? (
        <ErrorState error={invitation.error} retry={() => void invitation.refetch()} />
      ) : (
        <Loading />
      )}
    </GuestLayout>
  );
}

function DeadLink() {
  const { t } = useTranslation("invite");
  return (
    <GuestLayout
      title={t("deadTitle")}
      intro={t("deadIntro")}
      footer={
        <Anchor component={Link} to="/sign-in">
          {t("signIn")}
        </Anchor>
      }
    />
  );
}

function Accept({ token, invitation }: { token: string; invitation: Invitation }) {
  const { t } = useTranslation("invite");
  const navigate = useNavigate();
  const isNew = invitation.chooses_password;
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: { first_name: invitation.first_name, last_name: invitation.last_name, password: "" },
    validate: {
      first_name: (value) => (value.trim() ? null : t("common:problem.required")),
      last_name: (value) => (value.trim() ? null : t("common:problem.required")),
      password: (value) => {
        if (!value) return t("common:problem.required");
        return isNew && [...value].length < SHORTEST ? t("common:problem.tooShort", { count: SHORTEST }) : null;
      },
    },
    submit: async ({ password, ...names }) => {
      const body = isNew ? { token, password, ...names } : { token, password };
      const user = enter(await write("post", "/api/auth/invitation/accept", { body }));
      await navigate({ to: homeOf(user) });
    },
  });
  const role = t(`common:role.${invitation.role}`);
  const about = { clinic: invitation.clinic_name, role, email: invitation.email };
  return (
    <GuestLayout
      title={t("joinTitle", about)}
      intro={t(isNew ? "introNew" : "introKnown", about)}
      footer={t("footer", about)}
    >
      <form onSubmit={onSubmit} noValidate>
        <Stack gap="md">
          <FormProblem problem={problem} />
          {isNew && (
            <SimpleGrid cols={2} spacing="sm">
              <TextInput
                label={t("firstName")}
                autoComplete="given-name"
                size="md"
                {...form.getInputProps("first_name")}
              />
              <TextInput
                label={t("lastName")}
                autoComplete="family-name"
                size="md"
                {...form.getInputProps("last_name")}
              />
            </SimpleGrid>
          )}
          <input type="hidden" name="username" autoComplete="username" value={invitation.email} readOnly />
          <PasswordInput
            label={t(isNew ? "newPassword" : "password")}
            description={isNew ? t("passwordHint", { count: SHORTEST }) : undefined}
            autoComplete={isNew ? "new-password" : "current-password"}
            size="md"
            autoFocus
            visibilityToggleButtonProps={{ "aria-label": t("common:field.showPassword") }}
            {...form.getInputProps("password")}
          />
          <Button type="submit" size="md" fullWidth loading={busy}>
            {t("accept")}
          </Button>
        </Stack>
      </form>
    </GuestLayout>
  );
}
