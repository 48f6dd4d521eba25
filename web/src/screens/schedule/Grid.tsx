/**
 * Columns of time. What is open is white, what is closed is shaded; an appointment is a button in the order of its start, so the
 * keyboard walks through the day. A click on free time books, a drag moves, the lower edge makes longer or shorter; all end in a dialog
 * that says the same in words.
 */
import { IconBan, IconCalendarOff } from "@tabler/icons-react";
import type { CSSProperties, PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import { useNow, useTime } from "@/ui/useTime";
import type { Proposal } from "./BookingDialog";
import {
  type Appointment,
  type Block,
  type Column,
  clockOf,
  isFinal,
  isOver,
  minutesOf,
  onDay,
  type TimeOff,
} from "./layout";
import classes from "./schedule.module.css";
import { type InTheAir, useDrag } from "./useDrag";

/** So many pixels have room for a name and a reason below it. */
const TWO_LINES = 34;

interface GridProps {
  columns: readonly Column[];
  hours: Block;
  /** Pixels of a minute. */
  scale: number;
  appointments: readonly Appointment[];
  step: number;
  label: (column: Column) => string;
  mayBook: boolean;
  /** Whether somebody's time off is this person's to change. */
  mayFree: (user: number) => boolean;
  onBook: (proposal: Proposal) => void;
  onOpen: (id: number) => void;
  onMove: (appointment: Appointment, to: Proposal) => void;
  onFree: (user: number, off: TimeOff) => void;
}

export function Grid(props: GridProps) {
  const { columns, hours, scale, step, label, onMove } = props;
  const { t } = useTranslation("schedule");
  const time = useTime();
  const { frame, wall, air, minuteAt, onPointerDown } = useDrag({ columns, hours, scale, step, onMove });
  const lines = Array.from({ length: (hours.to - hours.from) / 60 }, (_, index) => hours.from + index * 60);
  const height = (hours.to - hours.from) * scale;
  if (columns.length === 0) return <p className={classes.nobody}>{t("noDoctors")}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div ref={frame} className={classes.frame} role="region" aria-label={t("title")} tabIndex={0}>
      <div
        className={classes.grid}
        style={{ "--columns": columns.length, "--half-hour": `${30 * scale}px` } as CSSProperties}
      >
        <div className={classes.corner} />
        {columns.map((column) => (
          <h2 key={column.key} className={classes.head}>
            <span className={classes.dot} style={colorOf(column)} aria-hidden />
            {label(column)}
          </h2>
        ))}
        <div ref={wall} className={classes.times} style={{ blockSize: height }} aria-hidden>
          {lines.map((minute) => (
            <span key={minute} style={{ insetBlockStart: (minute - hours.from) * scale }}>
              {time.clock(minute)}
            </span>
          ))}
        </div>
        {columns.map((column) => (
          <DayColumn
            key={column.key}
            column={column}
            height={height}
            air={air}
            minuteAt={minuteAt}
            onGrab={onPointerDown}
            {...props}
          />
        ))}
      </div>
    </div>
  );
}

const colorOf = ({ doctor }: Column): CSSProperties =>
  ({ "--color": `var(--provider-${doctor.color_index})` }) as CSSProperties;

interface DayColumnProps extends GridProps {
  column: Column;
  height: number;
  air: InTheAir | null;
  minuteAt: (clientY: number) => number;
  onGrab: (event: PointerEvent<HTMLElement>, appointment: Appointment, block: Block, column: Column) => void;
}

function DayColumn(props: DayColumnProps) {
  const { column, height, hours, scale, appointments, air, label, minuteAt, onGrab, mayBook, onBook, onOpen } = props;
  const { t } = useTranslation("schedule");
  const time = useTime();
  const { day, doctor } = column;
  const place = ({ from, to }: Block): CSSProperties => ({
    insetBlockStart: (Math.max(from, hours.from) - hours.from) * scale,
    blockSize: (Math.min(to, hours.to) - Math.max(from, hours.from)) * scale,
  });
  const blocks = <T extends { start: string; end: string }>(spans: readonly T[]) =>
    spans.flatMap((span) => {
      const block = onDay(span, day, time);
      return block ? [{ span, block }] : [];
    });
  const own = appointments.filter((each) => each.provider_user_id === doctor.user_id && !isOver(each));
  const shown = blocks(own.map((each) => ({ ...each, start: each.scheduled_start, end: each.scheduled_end })));
  return (
    <div
      className={classes.column}
      data-column={column.key}
      style={{ blockSize: height, ...colorOf(column) }}
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
        <Away key={span.time_off_id} off={span} style={place(block)} {...props} />
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
          data-short={(block.to - block.from) * scale < TWO_LINES || undefined}
          data-movable={(mayBook && !isFinal(span)) || undefined}
          data-dragged={air?.appointment.appointment_id === span.appointment_id || undefined}
          style={place(block)}
          onClick={() => onOpen(span.appointment_id)}
          onPointerDown={(event) => mayBook && !isFinal(span) && onGrab(event, span, block, column)}
        >
          <span className={classes.who}>
            {span.patient.first_name} {span.patient.last_name}
          </span>
          <span className={classes.what}>
            {time.time(span.scheduled_start)} {span.reason ?? span.service?.description ?? ""}
            <span className="visually-hidden">, {t(`common:appointment.${span.status}`)}</span>
          </span>
          {mayBook && !isFinal(span) && <span className={classes.edge} data-edge aria-hidden />}
        </button>
      ))}
      {air?.column.key === column.key && (
        <div className={classes.ghost} style={place(air.block)}>
          {time.clock(air.block.from)} – {time.clock(air.block.to)}
        </div>
      )}
      <NowLine day={day} hours={hours} scale={scale} />
    </div>
  );
}

/** Time off; a button for those who may end it. */
function Away({ off, style, column, mayFree, onFree }: DayColumnProps & { off: TimeOff; style: CSSProperties }) {
  const { t } = useTranslation("schedule");
  const { user_id, name } = column.doctor;
  const what = (
    <>
      <IconCalendarOff size={14} aria-hidden /> {off.reason ?? t("away")}
    </>
  );
  if (!mayFree(user_id)) {
    return (
      <div className={classes.away} style={style}>
        {what}
      </div>
    );
  }
  return (
    <button
      type="button"
      className={classes.away}
      style={style}
      aria-label={t("awayOf", { name, reason: off.reason ?? t("away") })}
      onClick={() => onFree(user_id, off)}
    >
      {what}
    </button>
  );
}

function NowLine({ day, hours, scale }: { day: string; hours: Block; scale: number }) {
  const time = useTime();
  const now = useNow(60).toISOString();
  if (time.dayOf(now) !== day) return null;
  const minute = minutesOf(time.timeOf(now));
  if (minute < hours.from || minute > hours.to) return null;
  return <div className={classes.now} style={{ insetBlockStart: (minute - hours.from) * scale }} aria-hidden />;
}
