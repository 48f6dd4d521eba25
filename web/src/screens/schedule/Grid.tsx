/**
 * Columns of time. What is open is white, what is closed is shaded; an appointment is a button in the order of its start, so the
 * keyboard walks through the day. A click on free time books, a drag moves; both end in a dialog that says the same in words.
 */
import { IconBan, IconCalendarOff } from "@tabler/icons-react";
import { type CSSProperties, type PointerEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNow, useTime } from "@/ui/useTime";
import type { Proposal } from "./BookingDialog";
import { type Appointment, type Block, type Column, clockOf, isOver, minutesOf, onDay, snap } from "./layout";
import classes from "./schedule.module.css";

/** Pixels of a minute. */
const SCALE = 1.25;
/** A pointer that moves less than this clicks. */
const SLIP = 6;

interface GridProps {
  columns: readonly Column[];
  hours: Block;
  appointments: readonly Appointment[];
  step: number;
  label: (column: Column) => string;
  mayBook: boolean;
  onBook: (proposal: Proposal) => void;
  onOpen: (id: number) => void;
  onMove: (appointment: Appointment, to: Proposal) => void;
}

export function Grid(props: GridProps) {
  const { columns, hours, label } = props;
  const { t } = useTranslation("schedule");
  const lines = Array.from({ length: (hours.to - hours.from) / 60 }, (_, index) => hours.from + index * 60);
  const height = (hours.to - hours.from) * SCALE;
  if (columns.length === 0) return <p className={classes.nobody}>{t("noDoctors")}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div className={classes.frame} role="region" aria-label={t("title")} tabIndex={0}>
      <div className={classes.grid} style={{ "--columns": columns.length } as CSSProperties}>
        <div className={classes.corner} />
        {columns.map((column) => (
          <h2 key={column.key} className={classes.head}>
            {label(column)}
          </h2>
        ))}
        <div className={classes.times} style={{ blockSize: height }} aria-hidden>
          {lines.map((minute) => (
            <span key={minute} style={{ insetBlockStart: (minute - hours.from) * SCALE }}>
              {clockOf(minute)}
            </span>
          ))}
        </div>
        {columns.map((column) => (
          <DayColumn key={column.key} column={column} height={height} {...props} />
        ))}
      </div>
    </div>
  );
}

interface Drag {
  appointment: Appointment;
  minute: number;
  column: Column;
}

function DayColumn({
  column,
  columns,
  height,
  hours,
  appointments,
  step,
  label,
  mayBook,
  onBook,
  onOpen,
  onMove,
}: GridProps & { column: Column; height: number }) {
  const { t } = useTranslation("schedule");
  const time = useTime();
  const root = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const { day, doctor } = column;
  const place = ({ from, to }: Block): CSSProperties => ({
    insetBlockStart: (Math.max(from, hours.from) - hours.from) * SCALE,
    blockSize: (Math.min(to, hours.to) - Math.max(from, hours.from)) * SCALE,
  });
  const blocks = <T extends { start: string; end: string }>(spans: readonly T[]) =>
    spans.flatMap((span) => {
      const block = onDay(span, day, time);
      return block ? [{ span, block }] : [];
    });
  const own = appointments.filter((each) => each.provider_user_id === doctor.user_id && !isOver(each));
  const shown = blocks(own.map((each) => ({ ...each, start: each.scheduled_start, end: each.scheduled_end })));

  const minuteAt = (clientY: number) => {
    const top = root.current?.getBoundingClientRect().top ?? 0;
    return Math.max(hours.from, Math.min(hours.to - step, snap(hours.from + (clientY - top) / SCALE, step)));
  };
  const columnAt = (x: number, y: number): Column => {
    const under = document.elementsFromPoint(x, y).find((each) => each instanceof HTMLElement && each.dataset.column);
    return columns.find(({ key }) => key === (under as HTMLElement | undefined)?.dataset.column) ?? column;
  };
  const start = (event: PointerEvent<HTMLButtonElement>, appointment: Appointment, block: Block) => {
    if (!mayBook || event.button !== 0 || event.pointerType === "touch") return;
    const button = event.currentTarget;
    const [x, y] = [event.clientX, event.clientY];
    const grabbed = minuteAt(y) - block.from;
    let moved: Drag | null = null;
    const onPointerMove = (next: globalThis.PointerEvent) => {
      if (moved === null && Math.hypot(next.clientX - x, next.clientY - y) < SLIP) return;
      const minute = Math.max(0, snap(minuteAt(next.clientY) - grabbed, step));
      moved = { appointment, minute, column: columnAt(next.clientX, next.clientY) };
      setDrag(moved);
    };
    const end = () => {
      button.removeEventListener("pointermove", onPointerMove);
      button.removeEventListener("pointerup", end);
      button.removeEventListener("pointercancel", end);
      setDrag(null);
      if (moved === null) return;
      button.addEventListener("click", (click) => click.stopPropagation(), { once: true, capture: true });
      onMove(appointment, {
        day: moved.column.day,
        time: clockOf(moved.minute),
        provider: moved.column.doctor.user_id,
      });
    };
    button.setPointerCapture(event.pointerId);
    button.addEventListener("pointermove", onPointerMove);
    button.addEventListener("pointerup", end);
    button.addEventListener("pointercancel", end);
  };

  return (
    <div
      ref={root}
      className={classes.column}
      data-column={column.key}
      style={{ blockSize: height }}
      role="group"
      aria-label={label(column)}
      onClick={(event) => {
        if (!mayBook || event.target !== event.currentTarget) return;
        onBook({ day, time: clockOf(minuteAt(event.clientY)), provider: doctor.user_id });
      }}
      onKeyDown={() => undefined}
    >
      {blocks(doctor.hours).map(({ block }) => (
        <div key={block.from} className={classes.open} style={place(block)} aria-hidden />
      ))}
      {blocks(doctor.time_off).map(({ span, block }) => (
        <div key={span.time_off_id} className={classes.away} style={place(block)}>
          <IconCalendarOff size={14} aria-hidden /> {span.reason ?? t("away")}
        </div>
      ))}
      {blocks(doctor.busy).map(({ block }) => (
        <div key={block.from} className={classes.away} style={place(block)}>
          <IconBan size={14} aria-hidden /> {t("elsewhere")}
        </div>
      ))}
      {shown.map(({ span, block }) => (
        <button
          key={span.appointment_id}
          type="button"
          className={classes.appointment}
          data-status={span.status}
          data-dragged={drag?.appointment.appointment_id === span.appointment_id || undefined}
          style={{ ...place(block), "--color": `var(--provider-${doctor.color_index})` } as CSSProperties}
          onClick={() => onOpen(span.appointment_id)}
          onPointerDown={(event) => start(event, span, block)}
        >
          <span className={classes.who}>
            {span.patient.first_name} {span.patient.last_name}
          </span>
          <span className={classes.what}>
            {time.timeOf(span.scheduled_start)} {span.reason ?? span.service?.description ?? ""}
            <span className="visually-hidden">, {t(`status.${span.status}`)}</span>
          </span>
        </button>
      ))}
      {drag && (
        <div
          className={classes.ghost}
          style={place({
            from: drag.minute,
            to:
              drag.minute +
              (Date.parse(drag.appointment.scheduled_end) - Date.parse(drag.appointment.scheduled_start)) / 60_000,
          })}
        >
          {drag.column.key !== column.key && `${label(drag.column)} · `}
          {clockOf(drag.minute)}
        </div>
      )}
      <NowLine day={day} hours={hours} />
    </div>
  );
}

function NowLine({ day, hours }: { day: string; hours: Block }) {
  const time = useTime();
  const now = useNow(60).toISOString();
  if (time.dayOf(now) !== day) return null;
  const minute = minutesOf(time.timeOf(now));
  if (minute < hours.from || minute > hours.to) return null;
  return <div className={classes.now} style={{ insetBlockStart: (minute - hours.from) * SCALE }} aria-hidden />;
}
