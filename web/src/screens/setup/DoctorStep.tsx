/** Who treats patients, and when: without it nobody can be booked. */
import { Radio, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { WeekHours } from "@/ui/hours/WeekHours";
import type { Who } from "./draft";
import type { StepProps } from "./index";

const CHOICES: readonly Who[] = ["me", "other", "later"];

export function DoctorStep({ draft, change, faults }: StepProps) {
  const { t } = useTranslation("setup");
  const { doctor } = draft;
  const set = (part: Partial<typeof doctor>) => change({ doctor: { ...doctor, ...part } });
  const field = (name: Exclude<keyof typeof doctor, "who">) => ({
    name: `first_doctor.${name}`,
    size: "md" as const,
    value: doctor[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => set({ [name]: event.currentTarget.value }),
    error: faults[`first_doctor.${name}`],
  });
  const hoursFault = Object.entries(faults).find(([name]) => name.startsWith("opening_hours"))?.[1];
  return (
    <>
      <Radio.Group label={t("who")} value={doctor.who} onChange={(who) => set({ who: who as Who })}>
        <Stack gap="xs" mt="xs">
          {CHOICES.map((who) => (
            <Radio key={who} value={who} label={t(`whoIs.${who}`)} />
          ))}
        </Stack>
      </Radio.Group>
      {doctor.who !== "later" && (
        <>
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
            {doctor.who === "other" && (
              <>
                <TextInput label={t("firstName")} {...field("first_name")} />
                <TextInput label={t("lastName")} {...field("last_name")} />
              </>
            )}
            <TextInput label={t("specialization")} description={t("optional")} {...field("specialization")} />
            <TextInput label={t("registrationNumber")} description={t("optional")} {...field("registration_number")} />
          </SimpleGrid>
          {doctor.who === "other" && (
            <TextInput label={t("email")} type="email" description={t("doctorEmailHint")} {...field("email")} />
          )}
          <WeekHours week={draft.week} onChange={(week) => change({ week })} error={hoursFault} />
        </>
      )}
    </>
  );
}
