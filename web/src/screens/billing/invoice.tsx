/** One invoice. */
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";

export function Screen() {
  const { t } = useTranslation("billing");
  return <Page title={t("invoiceTitle")}>{null}</Page>;
}
