/** Appointments that are dragged over the schedule: to another time, to somebody else, or longer and shorter by their lower edge. */
import { type PointerEvent, useEffect, useRef, useState } from "react";
import { follow } from "@/ui/drag";
import type { Proposal } from "./BookingDialog";
import { type Appointment, type Block, type Column, clockOf, moved, resized, snap } from "./layout";

/** The schedule scrolls by itself when one comes so near to its edge, so many pixels a frame. */
const EDGE = 48;
const SPEED = 10;

/** What would be, were it dropped now. */
export interface InTheAir {
  appointment: Appointment;
  column: Column;
  block: Block;
}

interface DragInput {
  columns: readonly Column[];
  hours: Block;
  /** Pixels of a minute. */
  scale: number;
  step: number;
  onMove: (appointment: Appointment, to: Proposal) => void;
}

export function useDrag({ columns, hours, scale, step, onMove }: DragInput) {
  const frame = useRef<HTMLDivElement>(null);
  const wall = useRef<HTMLDivElement>(null);
  const [air, setAir] = useState<InTheAir | null>(null);
  const end = useRef<() => void>(undefined);
  useEffect(() => () => end.current?.(), []);

  const exactMinuteAt = (y: number) => hours.from + (y - (wall.current?.getBoundingClientRect().top ?? 0)) / scale;
  const minuteAt = (y: number) => Math.max(hours.from, Math.min(hours.to - step, snap(exactMinuteAt(y), step)));
  const columnAt = (x: number, y: number): Column | undefined => {
    const under = document.elementsFromPoint(x, y).find((each) => each instanceof HTMLElement && each.dataset.column);
    return columns.find(({ key }) => key === (under as HTMLElement | undefined)?.dataset.column);
  };

  const onPointerDown = (event: PointerEvent<HTMLElement>, appointment: Appointment, block: Block, column: Column) => {
    if (event.button !== 0 || !event.isPrimary) return;
    const isResize = (event.target as Element).closest("[data-edge]") !== null;
    const grabbed = exactMinuteAt(event.clientY) - block.from;
    let frameId = 0;
    let at = { x: event.clientX, y: event.clientY };
    let last: InTheAir | null = null;
    const look = () => {
      const minute = exactMinuteAt(at.y);
      last = isResize
        ? { appointment, column, block: resized(block, minute, step) }
        : {
            appointment,
            column: columnAt(at.x, at.y) ?? last?.column ?? column,
            block: moved(block, minute - grabbed, step),
          };
      const next = last;
      setAir((before) => (before && isSame(before, next) ? before : next));
    };
    const scroll = () => {
      const box = frame.current?.getBoundingClientRect();
      const by = (near: boolean, far: boolean) => (near ? -SPEED : far ? SPEED : 0);
      if (box) {
        const x = isResize ? 0 : by(at.x < box.left + EDGE, at.x > box.right - EDGE);
        const y = by(at.y < box.top + EDGE, at.y > box.bottom - EDGE);
        if (x !== 0 || y !== 0) {
          frame.current?.scrollBy(x, y);
          look();
        }
      }
      frameId = requestAnimationFrame(scroll);
    };
    const done = () => {
      cancelAnimationFrame(frameId);
      setAir(null);
    };
    end.current = follow(event, {
      start: () => {
        frameId = requestAnimationFrame(scroll);
      },
      move: (x, y) => {
        at = { x, y };
        look();
      },
      drop: () => {
        done();
        if (last === null) return;
        const { column: to, block: target } = last;
        if (to.key === column.key && target.from === block.from && target.to === block.to) return;
        onMove(appointment, {
          day: to.day,
          time: clockOf(target.from),
          minutes: target.to - target.from,
          provider: to.doctor.user_id,
        });
      },
      cancel: done,
    });
  };
  return { frame, wall, air, minuteAt, onPointerDown };
}

const isSame = (one: InTheAir, other: InTheAir): boolean =>
  one.column.key === other.column.key && one.block.from === other.block.from && one.block.to === other.block.to;
