/** The cards of one state. */
import { Button } from "@mantine/core";
import { memo, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { AppointmentCard } from "./AppointmentCard";
import type { BoardAppointment } from "./board";
import classes from "./board.module.css";
import type { Lane } from "./lanes";

/** So many at first; a day of hundreds shows the rest when asked. */
const AT_ONCE = 60;

interface ColumnProps {
  lane: Lane;
  appointments: readonly BoardAppointment[];
  /** Whether what is in the air may be put here. */
  drop: "allowed" | "over" | "refused" | undefined;
  heldId: number | undefined;
  isMovable: boolean;
  /** No other is shown: its name stands above it already. */
  isAlone: boolean;
}

export const Column = memo(function Column({ lane, appointments, drop, heldId, isMovable, isAlone }: ColumnProps) {
  const { t } = useTranslation("today");
  const id = useId();
  const [most, setMost] = useState(AT_ONCE);
  const rest = appointments.length - most;
  return (
    <section className={classes.column} aria-labelledby={id} data-lane={lane} data-drop={drop}>
      <h2 id={id} className={isAlone ? "visually-hidden" : classes.columnTitle}>
        <span className={classes.columnName}>{t(`lane.${lane}`)}</span>
        <span className={classes.count}>
          <span aria-hidden>{appointments.length}</span>
          <span className="visually-hidden">{t("count", { count: appointments.length })}</span>
        </span>
      </h2>
      {appointments.length === 0 ? (
        <p className={classes.nobody}>{t(`empty.${lane}`)}</p>
      ) : (
        <ol className={classes.cards}>
          {appointments.slice(0, most).map((appointment) => (
            <AppointmentCard
              key={appointment.appointment_id}
              appointment={appointment}
              isHeld={appointment.appointment_id === heldId}
              isMovable={isMovable}
            />
          ))}
        </ol>
      )}
      {rest > 0 && (
        <Button variant="subtle" size="compact-sm" onClick={() => setMost(Number.POSITIVE_INFINITY)}>
          {t("more", { count: rest })}
        </Button>
      )}
    </section>
  );
});
