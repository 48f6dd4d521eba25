/** Cards that are dragged over the board: what is in the air, over which column, and the picture that follows the pointer. */
import { type PointerEvent, type RefObject, useEffect, useRef, useState } from "react";
import { follow } from "@/ui/drag";
import type { BoardAppointment } from "./board";
import type { Lane, Status } from "./lanes";

export interface InTheAir {
  appointment: BoardAppointment;
  /** Where it may be put. */
  targets: ReadonlyMap<Lane, Status>;
  over: Lane | null;
}

interface DragInput {
  board: RefObject<HTMLElement | null>;
  find: (id: number) => BoardAppointment | undefined;
  targetsOf: (appointment: BoardAppointment) => ReadonlyMap<Lane, Status>;
  drop: (appointment: BoardAppointment, to: Status) => void;
}

/** The board scrolls by itself when one comes so near to its edge, so many pixels a frame. */
const EDGE = 56;
const SPEED = 14;

export function useDrag({ board, find, targetsOf, drop }: DragInput) {
  const [air, setAir] = useState<InTheAir | null>(null);
  const picture = useRef<HTMLDivElement>(null);
  const end = useRef<() => void>(undefined);
  useEffect(() => () => end.current?.(), []);

  const onPointerDown = (event: PointerEvent) => {
    const touched = event.target as Element;
    const card = touched.closest<HTMLElement>("[data-movable]");
    if (!card || event.button !== 0 || !event.isPrimary || touched.closest("button:not([data-open])")) return;
    const appointment = find(Number(card.dataset.card));
    const targets = appointment && targetsOf(appointment);
    if (!appointment || !targets || targets.size === 0) return;
    let frame = 0;
    let at = { x: event.clientX, y: event.clientY };
    const scroll = () => {
      const box = board.current?.getBoundingClientRect();
      if (box && at.x < box.left + EDGE) board.current?.scrollBy(-SPEED, 0);
      if (box && at.x > box.right - EDGE) board.current?.scrollBy(SPEED, 0);
      frame = requestAnimationFrame(scroll);
    };
    const done = () => {
      cancelAnimationFrame(frame);
      setAir(null);
    };
    end.current = follow(event, {
      start: () => {
        setAir({ appointment, targets, over: null });
        frame = requestAnimationFrame(scroll);
      },
      move: (x, y) => {
        at = { x, y };
        const over = laneAt(x, y);
        setAir((before) => (before && before.over !== over ? { ...before, over } : before));
        place(picture.current, x, y);
      },
      drop: (x, y) => {
        done();
        const lane = laneAt(x, y);
        const to = lane && targets.get(lane);
        if (to) drop(appointment, to);
      },
      cancel: done,
    });
  };
  return { air, picture, onPointerDown };
}

function laneAt(x: number, y: number): Lane | null {
  const column = document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-lane]");
  return (column?.dataset.lane as Lane | undefined) ?? null;
}

export function place(picture: HTMLElement | null, x: number, y: number): void {
  if (picture) picture.style.translate = `${x}px ${y}px`;
}
