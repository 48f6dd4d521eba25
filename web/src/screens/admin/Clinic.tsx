/** The clinic's own data: what patients see, what its times and prices mean. */
import { NumberInput, Select, SimpleGrid, Stack, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { type Answer, useApiMutation, useApiQuery } from "@/api/query";
import { Card } from "@/ui/Card";
import { ConflictDialog, differences } from "@/ui/ConflictDialog";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { useClinic } from "@/ui/session";
import { QueryView } from "@/ui/states";
import { done } from "@/ui/toast";

type ClinicData = Answer<"/api/clinics/{clinic_id}">;

const TEXTS = ["name", "phone", "email", "address", "city", "state", "country"] as const;

export function Clinic() {
  const clinic = useClinic();
  const query = useApiQuery(
    "/api/clinics/{clinic_id}",
    { path: { clinic_id: clinic?.clinic_id ?? 0 } },
    { enabled: clinic !== null },
  );
  return <QueryView query={query}>{(data) => <ClinicForm key={data.clinic_id} first={data} />}</QueryView>;
}

function valuesOf(data: ClinicData) {
  return {
    name: data.name,
    phone: data.phone ?? "",
    email: data.email ?? "",
    address: data.address ?? "",
    city: data.city ?? "",
    state: data.state ?? "",
    country: data.country ?? "",
    time_zone: data.time_zone,
    slot_minutes: data.slot_minutes,
    self_registration: data.self_registration,
  };
}

type Values = ReturnType<typeof valuesOf>;

/** Works on what was there when the screen was opened: what others save meanwhile is met at saving, not slipped in below. */
function ClinicForm({ first }: { first: ClinicData }) {
  const { t } = useTranslation("admin");
  const [data, setData] = useState(first);
  const [theirs, setTheirs] = useState<{ mine: Values; theirs: Values; version: number } | null>(null);
  const update = useApiMutation("put", "/api/clinics/{clinic_id}", { invalidates: ["/api/clinics"] });
  const params = { path: { clinic_id: data.clinic_id } };
  const latest = useApiQuery("/api/clinics/{clinic_id}", params, { enabled: false });
  const save = async (values: Values, version: number) => {
    const texts = Object.fromEntries(
      TEXTS.map((name) => [name, name === "name" ? values[name].trim() : values[name].trim() || null]),
    );
    const { time_zone, slot_minutes, self_registration } = values;
    const { clinic } = await update.mutateAsync({
      params,
      body: { ...texts, time_zone, slot_minutes: Number(slot_minutes), self_registration },
      version,
    });
    setTheirs(null);
    setData(clinic);
    form.setValues(valuesOf(clinic));
    done(t("saved"));
  };
  const { form, onSubmit, busy, problem, setProblem } = useApiForm({
    initialValues: valuesOf(first),
    validate: { name: (value) => (value.trim() ? null : t("common:problem.required")) },
    submit: async (values) => {
      try {
        await save(values, data.version);
      } catch (error) {
        if (!(error instanceof ApiProblem) || !error.isStale) throw error;
        const { data: now } = await latest.refetch();
        if (now) setTheirs({ mine: values, theirs: valuesOf(now), version: now.version });
      }
    },
  });
  const zones = [...new Set([...Intl.supportedValuesOf("timeZone"), "UTC", data.time_zone])];
  const fields = (Object.keys(valuesOf(data)) as (keyof Values)[]).map((key) => ({
    key,
    label: t(`clinicField.${key}`),
  }));
  return (
    <Card title={`${data.name} · ${data.code}`}>
      <form onSubmit={onSubmit} noValidate>
        <Stack gap="md" maw={720}>
          <FormProblem problem={problem} />
          <TextInput label={t("clinicField.name")} {...form.getInputProps("name")} />
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
            <TextInput label={t("clinicField.phone")} type="tel" {...form.getInputProps("phone")} />
            <TextInput label={t("clinicField.email")} type="email" {...form.getInputProps("email")} />
            <TextInput label={t("clinicField.address")} {...form.getInputProps("address")} />
            <TextInput label={t("clinicField.city")} {...form.getInputProps("city")} />
            <TextInput label={t("clinicField.state")} {...form.getInputProps("state")} />
            <TextInput label={t("clinicField.country")} {...form.getInputProps("country")} />
            <Select
              label={t("clinicField.time_zone")}
              description={t("timeZoneHint")}
              searchable
              allowDeselect={false}
              limit={200}
              data={zones}
              {...form.getInputProps("time_zone")}
            />
            <NumberInput
              label={t("clinicField.slot_minutes")}
              description={t("slotHint")}
              min={5}
              max={480}
              step={5}
              {...form.getInputProps("slot_minutes")}
            />
          </SimpleGrid>
          <Switch
            label={t("clinicField.self_registration")}
            description={t("selfRegistrationHint")}
            {...form.getInputProps("self_registration", { type: "checkbox" })}
          />
          <Actions submit={t("common:action.save")} busy={busy} />
        </Stack>
      </form>
      {theirs && differences(theirs.mine, theirs.theirs, fields).length > 0 && (
        <ConflictDialog
          conflict={theirs}
          fields={fields}
          onResolve={(merged) => void save(merged, theirs.version).catch(setProblem)}
          onCancel={() => setTheirs(null)}
        />
      )}
    </Card>
  );
}
