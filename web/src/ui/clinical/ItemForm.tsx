/** One drug of a prescription. */
import { Autocomplete, Button, Checkbox, Group, Select, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { DOSE_UNITS, FREQUENCIES, type ItemValues, itemBody, itemFaults, ROUTES } from "./prescription";
import type { ItemBody } from "./types";

interface ItemFormProps {
  initial: ItemValues;
  currency: string;
  /** Stores the item; with `keep` as a favourite too. */
  save: (item: ItemBody, keep: boolean) => Promise<unknown>;
  onCancel: () => void;
}

/** `items[0].dose` of the API is `dose` here. */
const fieldOf = (field: string) => field.replace(/^items\[\d+\]\./, "").replace(/^item\./, "");

export function ItemForm({ initial, currency, save, onCancel }: ItemFormProps) {
  const { t } = useTranslation("clinical");
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: { ...initial, keep: false as boolean } as ItemValues & { keep: boolean },
    fieldOf,
    validate: (values) => {
      const wrong = Object.entries(itemFaults(values));
      return Object.fromEntries(
        wrong.map(([field, fault]) => [
          field,
          fault === "required" ? t("common:problem.required") : t(`fault.${fault}`),
        ]),
      );
    },
    submit: ({ keep, ...values }) => save(itemBody(values as ItemValues), keep),
  });
  // The window was open before: the first field is where one goes on.
  const drug = useRef<HTMLInputElement>(null);
  useEffect(() => drug.current?.focus(), []);
  const input = (field: keyof ItemValues & string, maxLength = 100) => ({
    label: t(`item.${field}`, { currency }),
    maxLength,
    ...form.getInputProps(field),
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack gap="sm">
        <FormProblem problem={problem} />
        <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
          <TextInput {...input("drug", 200)} ref={drug} autoComplete="off" />
          <TextInput {...input("strength")} placeholder="500 mg" />
          <TextInput {...input("form")} placeholder={t("item.formHint")} />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 2, xs: 3 }} spacing="sm">
          <TextInput {...input("dose")} placeholder="1" />
          <Autocomplete
            {...input("dose_unit", 40)}
            data={DOSE_UNITS}
            description={t("item.ucum")}
            inputWrapperOrder={["label", "input", "description", "error"]}
          />
          <Autocomplete {...input("route", 50)} data={ROUTES.map((route) => t(`route.${route}`))} />
          <Select
            {...input("frequency_code")}
            searchable
            clearable
            clearButtonProps={{ "aria-label": t("clear") }}
            data={FREQUENCIES.map((value) => ({ value, label: `${value} – ${t(`frequency.${value}`)}` }))}
            value={form.getValues().frequency_code || null}
            onChange={(value) => form.setFieldValue("frequency_code", value ?? "")}
          />
          <TextInput {...input("frequency", 200)} />
          <TextInput {...input("duration_days", 4)} inputMode="numeric" />
          <TextInput {...input("quantity", 9)} inputMode="decimal" />
          <TextInput {...input("quantity_unit", 40)} />
          <TextInput {...input("refills", 2)} inputMode="numeric" />
          <TextInput {...input("cost", 9)} inputMode="decimal" />
        </SimpleGrid>
        <Textarea {...input("note", 1000)} />
        <Group justify="space-between">
          <Checkbox label={t("item.keep")} {...form.getInputProps("keep", { type: "checkbox" })} />
          <Group gap="xs">
            <Button variant="default" onClick={onCancel}>
              {t("common:action.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t("item.take")}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
