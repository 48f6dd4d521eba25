/** The installation's clinics and their usage. */
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";

export function Screen() {
  const { t } = useTranslation("operator");
  return <Page title={t("title")}>{null}</Page>;
}
