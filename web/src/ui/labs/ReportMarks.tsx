/** What one sees of a report in a list: how bad it is, and what is still to be done. */
import { useTranslation } from "react-i18next";
import { Tag } from "../Tag";
import classes from "./labs.module.css";
import type { Report } from "./types";

export function ReportMarks({ report: { is_critical, is_abnormal, signed_at, released_at } }: { report: Report }) {
  const { t } = useTranslation("labs");
  return (
    <span className={classes.marks}>
      {is_critical ? <Tag tone="bad">{t("critical")}</Tag> : is_abnormal && <Tag tone="warn">{t("flag.abnormal")}</Tag>}
      <Tag tone={signed_at ? "good" : "neutral"}>{t(signed_at ? "signed" : "unsigned")}</Tag>
      {released_at && <Tag tone="info">{t("released")}</Tag>}
    </span>
  );
}
