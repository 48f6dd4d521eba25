/** What the clinic charges, in its own words. */
import { ActionIcon, Button, NumberInput, SimpleGrid, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { parseMoney } from "@/lib/money";
import type { Service } from "./draft";
import type { StepProps } from "./index";
import classes from "./setup.module.css";

export function ServicesStep({ draft, change, faults }: StepProps) {
  const { t } = useTranslation("setup");
  const { services, clinic } = draft;
  const set = (at: number, part: Partial<Service>) =>
    change({ services: services.map((service, place) => (place === at ? { ...service, ...part } : service)) });
  return (
    <>
      <p className={classes.hint}>{t("servicesHint")}</p>
      {services.map((service, at) => {
        const field = (name: string) => ({ name: `services[${at}].${name}`, error: faults[`services[${at}].${name}`] });
        return (
          <fieldset key={at.toString()} className={classes.service}>
            <legend>{t("service", { number: at + 1 })}</legend>
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
              <TextInput
                label={t("description")}
                value={service.description}
                onChange={(event) => set(at, { description: event.currentTarget.value })}
                {...field("description")}
              />
              <TextInput
                label={t("serviceCode")}
                value={service.code}
                onChange={(event) => set(at, { code: event.currentTarget.value })}
                {...field("code")}
              />
              <TextInput
                label={t("price", { currency: clinic.currency })}
                inputMode="decimal"
                defaultValue={service.price}
                onBlur={(event) => set(at, { price: parseMoney(event.currentTarget.value, clinic.currency) ?? "" })}
                {...field("price")}
              />
              <NumberInput
                label={t("minutes")}
                min={5}
                max={480}
                step={5}
                value={service.minutes}
                onChange={(minutes) => set(at, { minutes: Number(minutes) || 30 })}
                {...field("duration_minutes")}
              />
            </SimpleGrid>
            {services.length > 1 && (
              <ActionIcon
                className={classes.remove}
                aria-label={t("removeService", { number: at + 1 })}
                onClick={() => change({ services: services.filter((_, place) => place !== at) })}
              >
                <IconTrash size={16} stroke={1.7} aria-hidden />
              </ActionIcon>
            )}
          </fieldset>
        );
      })}
      <Button
        variant="subtle"
        leftSection={<IconPlus size={16} stroke={1.7} aria-hidden />}
        onClick={() => change({ services: [...services, { code: "", description: "", price: "", minutes: 30 }] })}
      >
        {t("addService")}
      </Button>
    </>
  );
}
