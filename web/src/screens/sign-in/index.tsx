/** Signs in: one field for whichever name one goes by, and the password. */
import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useEffectEvent } from "react";
import { useTranslation } from "react-i18next";
import { type Login, resume, signIn } from "@/api/session";
import type { Me } from "@/api/types";
import { FormProblem } from "@/ui/form/FormProblem";
import { useTextForm } from "@/ui/form/useTextForm";
import { GuestLayout } from "@/ui/shell/GuestLayout";
import { homeOf } from "@/ui/shell/home";
import { identifier } from "./identifier";
import classes from "./sign-in.module.css";

const route = getRouteApi("/sign-in");

export function Screen() {
  const { t } = useTranslation("sign-in");
  const { next } = route.useSearch();
  const navigate = useNavigate();
  const goOn = (user: Me) => {
    if (user.clinics.length > 1) return navigate({ to: "/choose-clinic", search: next ? { next } : {} });
    return next ? navigate({ href: next }) : navigate({ to: homeOf(user) });
  };
  const { field, onSubmit, busy, problem } = useTextForm({
    initialValues: { name: "", password: "" },
    validate: {
      name: (value) => (value.trim() ? null : t("nameMissing")),
      password: (value) => (value ? null : t("passwordMissing")),
    },
    fieldOf: (field) => (["email", "username", "phone"].includes(field) ? "name" : field),
    submit: async ({ name, password }) => goOn(await signIn({ ...identifier(name), password } as Login)),
  });
  useSkipWhenSignedIn(next);
  return (
    <GuestLayout title={t("title")} intro={t("intro")} footer={t("footer")}>
      <form onSubmit={onSubmit} noValidate>
        <Stack gap="md">
          <FormProblem problem={problem} />
          <TextInput
            label={t("name")}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            size="md"
            autoFocus
            {...field("name")}
          />
          <div>
            <PasswordInput
              label={t("password")}
              autoComplete="current-password"
              size="md"
              visibilityToggleButtonProps={{ "aria-label": t("common:field.showPassword") }}
              {...field("password")}
            />
            <Link to="/forgot-password" className={classes.forgot}>
              {t("forgot")}
            </Link>
          </div>
          <Button type="submit" size="md" fullWidth loading={busy}>
            {t("action")}
          </Button>
        </Stack>
      </form>
    </GuestLayout>
  );
}

/** Who is signed in already, in another tab perhaps, needn't do it again. */
function useSkipWhenSignedIn(next: string | undefined): void {
  const navigate = useNavigate();
  // Once, on arrival: who signs in here goes on by themselves.
  const skip = useEffectEvent(
    (user: Me) => void (next ? navigate({ href: next, replace: true }) : navigate({ to: homeOf(user), replace: true })),
  );
  useEffect(() => {
    resume()
      .then((session) => session.state === "open" && skip(session.user))
      .catch(() => undefined);
  }, []);
}
