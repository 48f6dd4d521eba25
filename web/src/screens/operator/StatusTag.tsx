/** Whether a clinic works: never by colour alone. */
import { IconCheck, IconCircleOff, IconPlayerPause, type TablerIcon } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Tag, type Tone } from "@/ui/Tag";
import type { ClinicStatus } from "./types";

const LOOK: Readonly<Record<ClinicStatus, { tone: Tone; icon: TablerIcon }>> = {
  active: { tone: "good", icon: IconCheck },
  suspended: { tone: "bad", icon: IconPlayerPause },
  inactive: { tone: "neutral", icon: IconCircleOff },
};

export function StatusTag({ status }: { status: ClinicStatus }) {
  const { t } = useTranslation("operator");
  return <Tag {...LOOK[status]}>{t(`statusIs.${status}`)}</Tag>;
}
