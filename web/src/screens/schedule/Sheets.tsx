/** The schedule on paper: a sheet for each column, which is a doctor's day, with room to write. Only there while it is printed. */
import { useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { useMe } from "@/ui/session";
import { useTime } from "@/ui/useTime";
import { type Column, isOver, type Schedule } from "./layout";
import classes from "./schedule.module.css";

/** Whether the page is being printed: by the button or by the browser's own menu. */
export function useIsPrinting(): boolean {
  const [isPrinting, setPrinting] = useState(false);
  useEffect(() => {
    // The browser takes its picture as soon as the listeners are done.
    const begin = () => flushSync(() => setPrinting(true));
    const end = () => setPrinting(false);
    window.addEventListener("beforeprint", begin);
    window.addEventListener("afterprint", end);
    return () => {
      window.removeEventListener("beforeprint", begin);
      window.removeEventListener("afterprint", end);
    };
  }, []);
  return isPrinting;
}

export function Sheets({ columns, schedule }: { columns: readonly Column[]; schedule: Schedule }) {
  const { t } = useTranslation("schedule");
  const time = useTime();
  const { clinic } = useMe();
  const rowsOf = ({ day, doctor }: Column) =>
    schedule.appointments.filter(
      (each) => each.provider_user_id === doctor.user_id && !isOver(each) && time.dayOf(each.scheduled_start) === day,
    );
  const used = columns.filter((column) => rowsOf(column).length > 0);
  const shown = used.length > 0 ? used : columns.slice(0, 1);
  return (
    <div className={classes.sheets}>
      {shown.map((column) => (
        <section key={column.key} className={classes.sheet}>
          <h2>
            {column.doctor.name} · {time.day(column.day, "long")}
          </h2>
          <p className={classes.small}>
            {[clinic?.name, t("count", { count: rowsOf(column).length })].filter(Boolean).join(" · ")}
          </p>
          <table className={classes.sheetTable}>
            <thead>
              <tr>
                {(["time", "patient", "reason", "department", "state", "remarks"] as const).map((key) => (
                  <th key={key} scope="col">
                    {t(key)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rowsOf(column).map((each) => (
                <tr key={each.appointment_id}>
                  <td>{time.range(each.scheduled_start, each.scheduled_end)}</td>
                  <td>
                    {each.patient.first_name} {each.patient.last_name}
                  </td>
                  <td>{each.reason ?? each.service?.description ?? ""}</td>
                  <td>{each.department ?? ""}</td>
                  <td>{t(`common:appointment.${each.status}`)}</td>
                  <td />
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ))}
    </div>
  );
}
