/** Finds a disease by code or words as one types; whatever the code set doesn't know is taken as it was typed. */
import { Combobox, Loader, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import classes from "./clinical.module.css";

export interface Found {
  code: string | null;
  description: string;
}

interface Icd10SearchProps {
  label: string;
  description?: string;
  onPick: (found: Found) => void;
  /** Shows what was picked, for a form; without it the field is empty again. */
  value?: string;
  onChange?: (text: string) => void;
  error?: React.ReactNode;
  autoFocus?: boolean;
}

const AT_ONCE = 12;
const PAUSE = 160;
const FREE = "free";

export function Icd10Search({ label, description, onPick, value, onChange, error, autoFocus }: Icd10SearchProps) {
  const { t } = useTranslation("clinical");
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const [own, setOwn] = useState("");
  const text = value ?? own;
  const type = (next: string) => (onChange ? onChange(next) : setOwn(next));
  const [asked] = useDebouncedValue(text.trim(), PAUSE);
  const query = useApiQuery(
    "/api/icd10",
    { query: { q: asked, limit: AT_ONCE } },
    { enabled: asked.length >= 2 && combobox.dropdownOpened },
  );
  const codes = asked.length >= 2 ? (query.data?.codes ?? []) : [];
  const pick = (chosen: string) => {
    const known = codes.find(({ code }) => code === chosen);
    onPick(known ? { code: known.code, description: known.description } : { code: null, description: text.trim() });
    if (!onChange) setOwn("");
    combobox.closeDropdown();
  };
  return (
    <Combobox store={combobox} onOptionSubmit={pick}>
      <Combobox.Target>
        <TextInput
          label={label}
          description={description}
          placeholder={t("icd.hint")}
          value={text}
          maxLength={500}
          error={error}
          data-autofocus={autoFocus || undefined}
          rightSection={query.isFetching ? <Loader size={16} /> : null}
          onChange={(event) => {
            type(event.currentTarget.value);
            combobox.openDropdown();
            combobox.resetSelectedOption();
          }}
          onFocus={() => text.trim() && combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.nativeEvent.isComposing || combobox.getSelectedOptionIndex() >= 0)
              return;
            event.preventDefault();
            if (text.trim()) pick(FREE);
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={text.trim() === ""}>
        <Combobox.Options aria-label={t("icd.found")}>
          {codes.map(({ code, description: words, billable }) => (
            <Combobox.Option key={code} value={code} className={classes.code}>
              <strong>{code}</strong> <span>{words}</span>
              {!billable && <span className={classes.small}>{t("icd.group")}</span>}
            </Combobox.Option>
          ))}
          {text.trim() !== "" && <Combobox.Option value={FREE}>{t("icd.free", { text: text.trim() })}</Combobox.Option>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
