/** A patient registers with a clinic by themselves, and learns what happens next. */
import { Anchor, Button, NativeSelect, PasswordInput, Select, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Answer, write } from "@/api/operations";
import { useApiQuery } from "@/api/query";
import { enter } from "@/api/session";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { GuestLayout } from "@/ui/shell/GuestLayout";
import classes from "./register.module.css";

type Clinic = Answer<"/api/public/clinics">["clinics"][number];

const route = getRouteApi("/open/register");
const SHORTEST = 8;
const SEXES = ["female", "male", "other", "prefer_not_to_say"] as const;
type Sex = (typeof SEXES)[number];

export function Screen() {
  const { t } = useTranslation("register");
  const { clinic: asked } = route.useSearch();
  const [registered, setRegistered] = useState<{ clinic: string; email: string } | null>(null);
  const [searched, search] = useState("");
  const [wanted] = useDebouncedValue(searched.trim(), 200);
  const [known, setKnown] = useState<Clinic | null>(null);
  const query = useApiQuery("/api/public/clinics", {
    query: { per_page: 50, sort: "name", search: wanted || asked || undefined },
  });
  const clinics = (query.data?.clinics ?? []).filter((clinic) => clinic.self_registration);
  const required = (value: string | null) => (value?.trim() ? null : t("common:problem.required"));
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: {
      clinic: asked ?? "",
      first_name: "",
      last_name: "",
      dob: "",
      sex: "",
      email: "",
      phone: "",
      password: "",
    },
    validate: {
      clinic: required,
      first_name: required,
      last_name: required,
      dob: required,
      sex: required,
      email: required,
      password: (value) => {
        if (!value) return t("common:problem.required");
        return [...value].length < SHORTEST ? t("common:problem.tooShort", { count: SHORTEST }) : null;
      },
    },
    submit: async ({ phone, sex, password, ...texts }) => {
      const plain = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.trim()]));
      const body = { ...(plain as typeof texts), phone: phone.trim() || null, sex: sex as Sex, password };
      enter(await write("post", "/api/auth/register", { body }));
      const name = [known, ...clinics].find((clinic) => clinic?.code === texts.clinic)?.name ?? texts.clinic;
      setRegistered({ clinic: name, email: texts.email.trim() });
    },
  });
  if (registered) return <Next {...registered} />;
  const shown = known && !clinics.some(({ code }) => code === known.code) ? [known, ...clinics] : clinics;
  return (
    <GuestLayout
      wide
      title={t("title")}
      intro={t("intro")}
      footer={
        <Anchor component={Link} to="/sign-in">
          {t("haveAccount")}
        </Anchor>
      }
    >
      <form onSubmit={onSubmit} noValidate>
        <Stack gap="md">
          <FormProblem problem={problem} />
          <Select
            label={t("clinic")}
            description={query.isSuccess && !wanted && shown.length === 0 ? t("noClinic") : undefined}
            placeholder={t("clinicHint")}
            searchable
            size="md"
            nothingFoundMessage={query.isPending ? t("common:state.loading") : t("noClinicFound")}
            // The server has searched: also in what is not shown, as the city.
            filter={({ options }) => options}
            data={shown.map(({ code, name, city, state }) => ({
              value: code,
              label: [name, city, state].filter(Boolean).join(", "),
            }))}
            {...form.getInputProps("clinic")}
            value={form.values.clinic || null}
            onSearchChange={(text) => search(known && text.startsWith(known.name) ? "" : text)}
            onChange={(code) => {
              form.setFieldValue("clinic", code ?? "");
              setKnown(shown.find((clinic) => clinic.code === code) ?? null);
            }}
          />
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
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
            <TextInput type="date" label={t("dob")} autoComplete="bday" size="md" {...form.getInputProps("dob")} />
            <NativeSelect
              label={t("sex")}
              size="md"
              data={[
                { value: "", label: t("choose") },
                ...SEXES.map((value) => ({ value, label: t(`sexIs.${value}`) })),
              ]}
              {...form.getInputProps("sex")}
            />
            <TextInput
              type="email"
              label={t("email")}
              autoComplete="email"
              size="md"
              {...form.getInputProps("email")}
            />
            <TextInput type="tel" label={t("phone")} autoComplete="tel" size="md" {...form.getInputProps("phone")} />
          </SimpleGrid>
          <PasswordInput
            label={t("password")}
            description={t("passwordHint", { count: SHORTEST })}
            autoComplete="new-password"
            size="md"
            visibilityToggleButtonProps={{ "aria-label": t("common:field.showPassword") }}
            {...form.getInputProps("password")}
          />
          <p className={classes.small}>{t("privacy")}</p>
          <Button type="submit" size="md" fullWidth loading={busy}>
            {t("action")}
          </Button>
        </Stack>
      </form>
    </GuestLayout>
  );
}

/** What a patient has to do now, and what not. */
function Next({ clinic, email }: { clinic: string; email: string }) {
  const { t } = useTranslation("register");
  return (
    <GuestLayout title={t("doneTitle", { clinic })} intro={t("doneIntro")}>
      <ol className={classes.steps}>
        {(["appointment", "identity", "account"] as const).map((step) => (
          <li key={step}>
            <strong>{t(`next.${step}.title`)}</strong>
            <span>{t(`next.${step}.text`, { clinic, email })}</span>
          </li>
        ))}
      </ol>
      <Button component={Link} to="/profile" size="md" fullWidth>
        {t("toAccount")}
      </Button>
    </GuestLayout>
  );
}
