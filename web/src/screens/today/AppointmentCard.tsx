/** One appointment on the board. Plain elements: a day may have hundreds. */
import { IconDots, IconFileInvoice, IconNote, IconReceipt } from "@tabler/icons-react";
import { type CSSProperties, memo, useId } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/ui/session";
import { Tag } from "@/ui/Tag";
import { useTime } from "@/ui/useTime";
import type { BoardAppointment } from "./board";
import classes from "./board.module.css";
import { useActions } from "./context";
import { fullName } from "./day";
import { nextOf } from "./lanes";
import { Timer } from "./Timer";

interface CardProps {
  appointment: BoardAppointment;
  /** Picked up by keyboard, or being dragged. */
  isHeld: boolean;
  /** Can be moved from column to column here. */
  isMovable: boolean;
}

export const AppointmentCard = memo(function AppointmentCard({ appointment, isHeld, isMovable }: CardProps) {
  const { t } = useTranslation("today");
  const time = useTime();
  const { stepsOf, act, open, menu } = useActions();
  const id = useId();
  const { appointment_id, scheduled_start, scheduled_end, status, reason, service, department, notes } = appointment;
  const name = fullName(appointment);
  const next = nextOf(status, stepsOf(appointment));
  const about = reason ?? service?.description;
  return (
    <li
      className={classes.card}
      data-card={appointment_id}
      data-status={status}
      data-held={isHeld || undefined}
      data-movable={isMovable || undefined}
    >
      <div className={classes.cardTop}>
        <button
          type="button"
          className={classes.open}
          data-open
          aria-describedby={isMovable ? `${id}-about today-keys` : `${id}-about`}
          onClick={() => open(appointment)}
        >
          {name}
        </button>
        <button
          type="button"
          className={classes.more}
          aria-haspopup="menu"
          aria-label={t("menu", { name })}
          onClick={(event) => menu(appointment, event.currentTarget)}
        >
          <IconDots size={17} stroke={1.8} aria-hidden />
        </button>
      </div>
      <div id={`${id}-about`} className={classes.about}>
        <time dateTime={scheduled_start} className={classes.time} title={time.range(scheduled_start, scheduled_end)}>
          {time.time(scheduled_start)}
        </time>
        {status === "pending" && <Tag tone="accent">{t("common:appointment.pending")}</Tag>}
        {status === "confirmed" && <Tag tone="good">{t("common:appointment.confirmed")}</Tag>}
        <Provider appointment={appointment} />
        {department && <span className={classes.department}>{department}</span>}
      </div>
      {about && <p className={classes.reason}>{about}</p>}
      <div className={classes.cardFoot}>
        <span className={classes.marks}>
          <Timer appointment={appointment} />
          {status === "completed" && <Billed appointment={appointment} />}
          {notes && (
            <span className={classes.mark}>
              <IconNote size={14} stroke={1.8} aria-hidden />
              <span className="visually-hidden">{t("hasNotes")}</span>
            </span>
          )}
        </span>
        {next && (
          <button
            type="button"
            className={classes.next}
            aria-label={t("actFor", { action: t(`act.${next}`), name })}
            onClick={() => act(appointment, next)}
          >
            {t(`act.${next}`)}
          </button>
        )}
      </div>
    </li>
  );
});

/** Whose it is; the dot only helps the eye. */
export function Provider({
  appointment,
}: {
  appointment: Pick<BoardAppointment, "provider_user_id" | "provider_name">;
}) {
  const { colorOf } = useActions();
  const color = colorOf(appointment.provider_user_id);
  return (
    <span className={classes.provider}>
      {color !== undefined && (
        <span className={classes.dot} style={{ "--color": `var(--provider-${color})` } as CSSProperties} aria-hidden />
      )}
      <span className={classes.providerName}>{appointment.provider_name}</span>
    </span>
  );
}

function Billed({ appointment: { invoice_id, cpt_id } }: { appointment: BoardAppointment }) {
  const { t } = useTranslation("today");
  if (!useCan()("invoice_read")) return null;
  if (invoice_id) {
    return (
      <span className={classes.mark}>
        <IconReceipt size={14} stroke={1.8} aria-hidden /> {t("billing.invoiced")}
      </span>
    );
  }
  if (!cpt_id) return null;
  return (
    <span className={classes.mark}>
      <IconFileInvoice size={14} stroke={1.8} aria-hidden /> {t("billing.open")}
    </span>
  );
}
