/** The clinic: its name, and what follows from where it is. */
import { Select, SimpleGrid, TextInput } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { codeOf } from "@/lib/clinicCode";
import { CURRENCY_OF, countries, currencies, zones } from "@/lib/places";
import type { StepProps } from "./index";

export function ClinicStep({ draft, change, faults }: StepProps) {
  const { t, i18n } = useTranslation("setup");
  const { clinic } = draft;
  const set = (part: Partial<typeof clinic>) => change({ clinic: { ...clinic, ...part } });
  const language = i18n.language;
  const lists = useMemo(
    () => ({ countries: countries(language), currencies: currencies(language), zones: zones(clinic.time_zone) }),
    [language, clinic.time_zone],
  );
  return (
    <>
      <TextInput
        name="clinic.name"
        label={t("clinicName")}
        size="md"
        autoFocus
        autoComplete="organization"
        value={clinic.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        error={faults["clinic.name"]}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
        <TextInput
          name="clinic.code"
          label={t("code")}
          description={t("codeHint")}
          placeholder={codeOf(clinic.name) || "ABC01"}
          size="md"
          value={clinic.code}
          onChange={(event) => set({ code: event.currentTarget.value.toUpperCase() })}
          error={faults["clinic.code"]}
        />
        <TextInput
          name="clinic.phone"
          type="tel"
          label={t("phone")}
          description={t("optional")}
          size="md"
          autoComplete="tel"
          value={clinic.phone}
          onChange={(event) => set({ phone: event.currentTarget.value })}
          error={faults["clinic.phone"]}
        />
        <Select
          label={t("country")}
          size="md"
          searchable
          clearable
          data={lists.countries}
          value={clinic.country || null}
          onChange={(country) =>
            set({ country: country ?? "", currency: CURRENCY_OF[country ?? ""] ?? clinic.currency })
          }
          error={faults["clinic.country"]}
        />
        <Select
          name="clinic.currency"
          label={t("currency")}
          size="md"
          searchable
          allowDeselect={false}
          data={lists.currencies}
          value={clinic.currency}
          onChange={(currency) => set({ currency: currency ?? clinic.currency })}
          error={faults["clinic.currency"]}
        />
      </SimpleGrid>
      <Select
        name="clinic.time_zone"
        label={t("timeZone")}
        description={t("timeZoneHint")}
        size="md"
        searchable
        allowDeselect={false}
        limit={200}
        data={lists.zones}
        value={clinic.time_zone}
        onChange={(zone) => set({ time_zone: zone ?? clinic.time_zone })}
        error={faults["clinic.time_zone"]}
      />
    </>
  );
}
