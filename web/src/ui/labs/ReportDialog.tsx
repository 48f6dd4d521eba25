/** A report over what one is doing. */
import { Modal } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import { ReportView } from "./ReportView";

export default function ReportDialog({ id, onClose }: { id: number; onClose: () => void }) {
  const { t } = useTranslation("labs");
  const isPhone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  return (
    <Modal
      opened
      onClose={onClose}
      size={1100}
      fullScreen={isPhone}
      title={t("report")}
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      <ReportView id={id} onDeleted={onClose} />
    </Modal>
  );
}
