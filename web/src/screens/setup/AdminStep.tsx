/** Whoever sets the clinic up is its first administrator. */
import { PasswordInput, SimpleGrid, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { StepProps } from "./index";

export function AdminStep({ draft, change, faults }: StepProps) {
  const { t } = useTranslation("setup");
  const { admin } = draft;
  const field = (name: keyof typeof admin) => ({
    name: `admin.${name}`,
    size: "md" as const,
    value: admin[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) =>
      change({ admin: { ...admin, [name]: event.currentTarget.value } }),
    error: faults[`admin.${name}`],
  });
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
        <TextInput label={t("firstName")} autoComplete="given-name" {...field("first_name")} />
        <TextInput label={t("lastName")} autoComplete="family-name" {...field("last_name")} />
      </SimpleGrid>
      <TextInput label={t("email")} type="email" autoComplete="username" {...field("email")} />
      <PasswordInput
        label={t("password")}
        description={t("passwordHint", { count: 8 })}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ "aria-label": t("common:field.showPassword") }}
        {...field("password")}
      />
    </>
  );
}
