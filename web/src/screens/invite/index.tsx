/** Accepts an invitation. */
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";

export function Screen() {
  const { t } = useTranslation("invite");
  return <Page title={t("title")}>{null}</Page>;
}
