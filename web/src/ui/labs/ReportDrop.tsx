/** Where reports of a laboratory come into a visit: what the next one is called, and the files. Reads nothing of the visit. */
import { TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/types";
import { Drop } from "@/ui/files/Drop";
import classes from "./labs.module.css";
import { LAB_READS, type WholeReport } from "./types";

interface ReportDropProps {
  visitId: number;
  /** Told of each report that is stored. */
  onSent?: (report: WholeReport) => void;
}

export function ReportDrop({ visitId, onSent }: ReportDropProps) {
  const { t } = useTranslation("labs");
  const [title, setTitle] = useState("");
  const sent = ({ lab_report }: Schemas["LabReportUploaded"]) => {
    setTitle("");
    onSent?.(lab_report);
  };
  return (
    <div className={classes.bring}>
      <TextInput
        size="xs"
        label={t("title")}
        description={t("titleHint")}
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <Drop
        path={`/api/visits/${visitId}/lab-reports`}
        {...(title.trim() && { fields: { title: title.trim() } })}
        invalidates={LAB_READS}
        label={t("addReports")}
        onSent={sent}
      />
    </div>
  );
}
