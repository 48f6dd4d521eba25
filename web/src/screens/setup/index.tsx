/** The first steps of a new installation. */
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";

export function Screen() {
  const { t } = useTranslation("setup");
  return <Page title={t("title")}>{null}</Page>;
}
