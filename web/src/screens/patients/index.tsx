/** The clinic's patients. */
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";

export function Screen() {
  const { t } = useTranslation("patients");
  return <Page title={t("title")}>{null}</Page>;
}
