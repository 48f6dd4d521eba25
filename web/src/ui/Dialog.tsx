/** A dialog that is there only while it is open. The focus returns to where it came from when it goes away. */
import { Modal, type ModalProps } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFocusBack } from "./focus";

export function Dialog(props: Omit<ModalProps, "opened">) {
  const { t } = useTranslation("common");
  useFocusBack();
  return <Modal opened closeButtonProps={{ "aria-label": t("action.close") }} {...props} />;
}
