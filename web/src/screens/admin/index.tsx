/** The clinic's staff, doctors, settings and audit log. */
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";

export function Screen() {
  const { t } = useTranslation("admin");
  return <Page title={t("title")}>{null}</Page>;
}
