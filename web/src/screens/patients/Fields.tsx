/** The fields of a chart's form, the required ones first. */
import { Select, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { useTime } from "@/ui/useTime";
import type { Values } from "./form";
import classes from "./patients.module.css";
import { SEXES } from "./types";

export function Fields({ form, isNew }: { form: UseFormReturnType<Values>; isNew: boolean }) {
  const { t } = useTranslation("patients");
  const time = useTime();
  const { dob } = form.getValues();
  const spelled = /^\d{4}-\d{2}-\d{2}$/.test(dob)
    ? `${time.day(dob, "long")} · ${t("years", { count: time.age(dob) })}`
    : undefined;
  return (
    <Stack gap="lg">
      <fieldset className={classes.group}>
        <legend>{t("person")}</legend>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
          <TextInput
            label={t("firstName")}
            withAsterisk
            autoFocus={isNew}
            autoComplete="off"
            {...form.getInputProps("first_name")}
          />
          <TextInput label={t("lastName")} withAsterisk autoComplete="off" {...form.getInputProps("last_name")} />
          <TextInput
            type="date"
            label={t("dob")}
            withAsterisk
            min="1850-01-01"
            max={time.today()}
            {...(spelled ? { description: spelled } : {})}
            inputWrapperOrder={["label", "input", "description", "error"]}
            {...form.getInputProps("dob")}
          />
          <Select
            label={t("sex")}
            withAsterisk
            allowDeselect={false}
            data={SEXES.map((value) => ({ value, label: t(`sexIs.${value}`) }))}
            {...form.getInputProps("sex")}
          />
        </SimpleGrid>
      </fieldset>
      <fieldset className={classes.group}>
        <legend>{t("contact")}</legend>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
          <TextInput type="tel" label={t("phone")} autoComplete="off" {...form.getInputProps("phone")} />
          <TextInput type="email" label={t("email")} autoComplete="off" {...form.getInputProps("email")} />
          <Textarea label={t("address")} {...form.getInputProps("address")} />
          <Select
            label={t("language")}
            clearable
            data={["es", "en", "fr", "ht", "pt"].map((value) => ({
              value,
              label: new Intl.DisplayNames(time.language, { type: "language" }).of(value) ?? value,
            }))}
            {...form.getInputProps("preferred_language")}
            value={form.getValues().preferred_language || null}
            onChange={(value) => form.setFieldValue("preferred_language", value ?? "")}
          />
        </SimpleGrid>
      </fieldset>
      <fieldset className={classes.group}>
        <legend>{t("emergency")}</legend>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
          <TextInput label={t("name")} {...form.getInputProps("emergency_contact_name")} />
          <TextInput type="tel" label={t("phone")} {...form.getInputProps("emergency_contact_phone")} />
        </SimpleGrid>
      </fieldset>
      <fieldset className={classes.group}>
        <legend>{t("numbers")}</legend>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
          <TextInput
            label={t("nationalId")}
            description={t("sealedHint")}
            autoComplete="off"
            {...form.getInputProps("national_id")}
          />
          <TextInput
            label={t("insuranceNumber")}
            description={t("sealedHint")}
            autoComplete="off"
            {...form.getInputProps("insurance_number")}
          />
          <TextInput label={t("mrn")} description={isNew ? t("mrnHint") : undefined} {...form.getInputProps("mrn")} />
          <TextInput
            label={t("externalReference")}
            description={t("externalReferenceHint")}
            {...form.getInputProps("external_reference")}
          />
        </SimpleGrid>
      </fieldset>
    </Stack>
  );
}
