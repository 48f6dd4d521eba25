/** Finds a patient as one types: name, phone, number. */
import { Combobox, InputBase, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { useTime } from "@/ui/useTime";

interface PatientPickerProps {
  value: number | null;
  onChange: (patient: number | null) => void;
  error?: React.ReactNode;
}

export function PatientPicker({ value, onChange, error }: PatientPickerProps) {
  const { t } = useTranslation("schedule");
  const time = useTime();
  const combobox = useCombobox();
  const [typed, setTyped] = useState("");
  const [asked] = useDebouncedValue(typed.trim(), 150);
  const found = useApiQuery(
    "/api/patients/search",
    { query: { q: asked, per_page: 8 } },
    { enabled: asked.length > 1 && value === null },
  );
  const chosen = useApiQuery(
    "/api/patients/{patient_id}",
    { path: { patient_id: value ?? 0 } },
    { enabled: value !== null },
  );
  const name = chosen.data && value !== null ? `${chosen.data.first_name} ${chosen.data.last_name}` : typed;
  const people = asked.length > 1 && value === null ? (found.data?.patients ?? []) : [];
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={(id) => {
        onChange(Number(id));
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target>
        <InputBase
          label={t("patient")}
          withAsterisk
          data-autofocus
          placeholder={t("patientHint")}
          value={name}
          error={error}
          rightSectionPointerEvents="none"
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            if (value !== null) onChange(null);
            combobox.openDropdown();
            combobox.resetSelectedOption();
          }}
          onFocus={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={people.length === 0}>
        <Combobox.Options aria-label={t("patient")}>
          {people.map((person) => (
            <Combobox.Option key={person.patient_id} value={String(person.patient_id)}>
              {person.first_name} {person.last_name} · {time.day(person.dob, "medium")} · {person.mrn}
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
