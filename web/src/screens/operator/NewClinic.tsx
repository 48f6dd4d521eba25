/** A new clinic, and how its first administrator gets in. */
import { Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { type BodyOf, useApiMutation } from "@/api/query";
import { codeOf } from "@/lib/clinicCode";
import { CURRENCY_OF, countries, currencies, guess, zones } from "@/lib/places";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import InviteAdmin from "./InviteAdmin";
import type { Clinic } from "./types";

type Body = BodyOf<"/api/clinics", "post">;

const CODE = /^[A-Z]{2,6}[0-9]{2,4}$/;
const orNull = (typed: string): string | null => typed.trim() || null;

export default function NewClinic({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<Clinic | null>(null);
  return made === null ? <ClinicForm onMade={setMade} onCancel={onClose} /> : <Made clinic={made} onClose={onClose} />;
}

function ClinicForm({ onMade, onCancel }: { onMade: (clinic: Clinic) => void; onCancel: () => void }) {
  const { t, i18n } = useTranslation("operator");
  const create = useApiMutation("post", "/api/clinics", { invalidates: ["/api/clinics"] });
  const here = useMemo(() => guess(Intl.DateTimeFormat().resolvedOptions().timeZone, navigator.languages), []);
  const required = (value: string) => (value.trim() ? null : t("common:problem.required"));
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: {
      name: "",
      code: "",
      country: here.country,
      currency: here.currency,
      time_zone: here.zone,
      city: "",
      phone: "",
      email: "",
    },
    validate: {
      name: required,
      code: (typed, { name }) => (CODE.test(typed.trim() || codeOf(name)) ? null : t("codeFault")),
    },
    submit: async (values) => {
      const body = {
        name: values.name.trim(),
        code: values.code.trim() || codeOf(values.name),
        country: orNull(values.country),
        currency: values.currency as Body["currency"],
        time_zone: values.time_zone,
        city: orNull(values.city),
        phone: orNull(values.phone),
        email: orNull(values.email),
      };
      try {
        const { clinic } = await create.mutateAsync({ body });
        onMade(clinic);
      } catch (error) {
        // Nothing but the code must differ from the other clinics.
        if (!(error instanceof ApiProblem && error.status === 409)) throw error;
        form.setFieldError("code", t("codeTaken", { code: body.code }));
        requestAnimationFrame(() => form.getInputNode("code")?.focus());
      }
    },
  });
  const lists = useMemo(
    () => ({ countries: countries(i18n.language), currencies: currencies(i18n.language), zones: zones(here.zone) }),
    [i18n.language, here.zone],
  );
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack gap="sm">
        <FormProblem problem={problem} />
        <TextInput label={t("name")} data-autofocus maxLength={100} {...form.getInputProps("name")} />
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <TextInput
            label={t("code")}
            description={t("codeHint")}
            placeholder={codeOf(form.values.name) || "ABC01"}
            maxLength={10}
            {...form.getInputProps("code")}
            onChange={(event) => form.setFieldValue("code", event.currentTarget.value.toUpperCase())}
          />
          <Select
            label={t("timeZone")}
            description={t("timeZoneHint")}
            searchable
            allowDeselect={false}
            limit={200}
            data={lists.zones}
            {...form.getInputProps("time_zone")}
          />
          <Select
            label={t("country")}
            searchable
            clearable
            data={lists.countries}
            {...form.getInputProps("country")}
            value={form.values.country || null}
            onChange={(country) => {
              form.setFieldValue("country", country ?? "");
              form.setFieldValue("currency", CURRENCY_OF[country ?? ""] ?? form.values.currency);
            }}
          />
          <Select
            label={t("currency")}
            searchable
            allowDeselect={false}
            data={lists.currencies}
            {...form.getInputProps("currency")}
          />
          <TextInput label={t("city")} maxLength={100} {...form.getInputProps("city")} />
          <TextInput label={t("phone")} type="tel" maxLength={32} {...form.getInputProps("phone")} />
        </SimpleGrid>
        <TextInput label={t("email")} type="email" maxLength={254} {...form.getInputProps("email")} />
        <Actions submit={t("create")} busy={busy} onCancel={onCancel} />
      </Stack>
    </form>
  );
}

/** What is left to do for a new clinic: somebody who runs it. */
function Made({ clinic, onClose }: { clinic: Clinic; onClose: () => void }) {
  const { t } = useTranslation("operator");
  return (
    <Stack gap="sm">
      <Text role="status" fw={550}>
        {t("made", { name: clinic.name, code: clinic.code })}
      </Text>
      <InviteAdmin clinic={clinic} onClose={onClose} />
    </Stack>
  );
}
