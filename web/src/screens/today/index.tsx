/** The flow board: who is expected, waiting, in a room, done. */
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";

export function Screen() {
  const { t } = useTranslation("today");
  return <Page title={t("title")}>{null}</Page>;
}
