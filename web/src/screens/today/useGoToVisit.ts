/** From an appointment of the board to its visit; who would write one down after the appointment was completed is asked first. */
import { useTranslation } from "react-i18next";
import { useOpenVisit } from "@/ui/clinical/useOpenVisit";
import { useConfirm } from "@/ui/confirm";
import type { BoardAppointment } from "./board";

export function useGoToVisit(): (appointment: BoardAppointment) => Promise<void> {
  const { t } = useTranslation("today");
  const confirm = useConfirm();
  const openVisit = useOpenVisit();
  const askForLate = () =>
    confirm({ title: t("visit.lateTitle"), body: t("visit.lateBody"), action: t("visit.start") });
  return ({ appointment_id, status }) => openVisit(appointment_id, status, askForLate);
}
