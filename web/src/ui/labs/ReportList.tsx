/** Reports by their titles, with their marks. */
import classes from "./labs.module.css";
import { ReportMarks } from "./ReportMarks";
import type { Report } from "./types";

export function ReportList({ reports, open }: { reports: readonly Report[]; open: (report: number) => void }) {
  return (
    <ul className={classes.reports}>
      {reports.map((report) => (
        <li key={report.lab_report_id}>
          <button type="button" className={classes.open} onClick={() => open(report.lab_report_id)}>
            <bdi>{report.title}</bdi>
          </button>
          <ReportMarks report={report} />
        </li>
      ))}
    </ul>
  );
}
