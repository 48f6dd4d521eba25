/** One's own name and password, and where one is signed in. */
import { SimpleGrid } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";
import { PasswordForm } from "./PasswordForm";
import { ProfileForm } from "./ProfileForm";
import { Sessions } from "./Sessions";

export function Screen() {
  const { t } = useTranslation("profile");
  return (
    <Page title={t("title")}>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" verticalSpacing="md">
        <ProfileForm />
        <PasswordForm />
      </SimpleGrid>
      <Sessions />
    </Page>
  );
}
