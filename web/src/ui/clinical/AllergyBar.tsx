/** What must not be given, at the head of every screen about a patient; the worst first, and said where nothing is known. */
import { IconAlertTriangle, IconShieldCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import classes from "./clinical.module.css";
import { bySeverity, isGrave } from "./records";
import type { Allergy } from "./types";

export function AllergyBar({ allergies }: { allergies: readonly Allergy[] }) {
  const { t } = useTranslation("clinical");
  if (allergies.length === 0) {
    return (
      <p className={classes.noAllergies}>
        <IconShieldCheck size={16} stroke={1.7} aria-hidden />
        {t("allergy.none")}
      </p>
    );
  }
  return (
    <ul className={classes.allergies} aria-label={t("section.allergy")}>
      {[...allergies].sort(bySeverity).map(({ record_id, substance, severity, reaction }) => (
        <li key={record_id} data-grave={isGrave(severity) || undefined}>
          <IconAlertTriangle size={15} stroke={2} aria-hidden />
          <strong>{substance}</strong>
          <span>
            {[severity && t(`severity.${severity}`), reaction].filter(Boolean).join(" · ") || t("allergy.unknown")}
          </span>
        </li>
      ))}
    </ul>
  );
}
