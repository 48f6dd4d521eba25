/** The calendar: who is booked with whom, and when there is room. */
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";

export function Screen() {
  const { t } = useTranslation("schedule");
  return <Page title={t("title")}>{null}</Page>;
}
