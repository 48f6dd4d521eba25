/** Mantine's dialog, of which Escape closes the uppermost alone. */
import { Modal as Mantine, type ModalProps } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useLayer } from "./layers";

export type { ModalProps };

export function Modal(props: ModalProps) {
  const { t } = useTranslation("common");
  useLayer(props);
  return <Mantine closeButtonProps={{ "aria-label": t("action.close") }} {...props} closeOnEscape={false} />;
}
