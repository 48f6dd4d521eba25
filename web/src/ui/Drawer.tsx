/** Mantine's panel, which Escape leaves open while a dialog stands over it. */
import { type DrawerProps, Drawer as Mantine } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useLayer } from "./layers";

export function Drawer(props: DrawerProps) {
  const { t } = useTranslation("common");
  useLayer(props);
  return <Mantine closeButtonProps={{ "aria-label": t("action.close") }} {...props} closeOnEscape={false} />;
}
