/** A report over what one is doing. */
import { useMediaQuery } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/ui/Dialog";
import { ReportView } from "./ReportView";

export default function ReportDialog({ id, onClose }: { id: number; onClose: () => void }) {
  const { t } = useTranslation("labs");
  const isPhone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  return (
    <Dialog onClose={onClose} size={1100} fullScreen={isPhone} title={t("report")}>
      <ReportView id={id} onDeleted={onClose} />
    </Dialog>
  );
}
