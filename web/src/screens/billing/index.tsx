/** What is to be billed, the invoices, and the fee schedule. */
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";

export function Screen() {
  const { t } = useTranslation("billing");
  return <Page title={t("title")}>{null}</Page>;
}
