/** The columns side by side, or one of them on a phone. Cards move by pointer, by key and by their menu. */
import { useDirection } from "@mantine/core";
import { type FocusEvent, type KeyboardEvent, type RefObject, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { BoardAppointment } from "./board";
import classes from "./board.module.css";
import { Column } from "./Column";
import { useActions } from "./context";
import { type Columns, fullName } from "./day";
import { LANES, type Lane, laneOf, nextLane, targetsOf } from "./lanes";
import { Timer } from "./Timer";
import { useDrag } from "./useDrag";

interface BoardProps {
  columns: Columns;
  /** The one that is shown where there is room for one only. */
  only?: Lane;
  /** Says something to those who don't see it. */
  say: (words: string) => void;
  busy: boolean;
  root: RefObject<HTMLDivElement | null>;
}

/** Picked up by keyboard: the column where it would be put down now. */
interface Held {
  id: number;
  lane: Lane;
}

export function BoardView({ columns, only, say, busy, root }: BoardProps) {
  const { t } = useTranslation("today");
  const { stepsOf, act } = useActions();
  const find = (id: number) => LANES.flatMap((lane) => columns.lanes[lane]).find((one) => one.appointment_id === id);
  const targets = (appointment: BoardAppointment) => targetsOf(stepsOf(appointment));
  const drag = useDrag({ board: root, find, targetsOf: targets, drop: act });
  const keys = useKeys({ find, targets, say });
  const { air } = drag;
  const heldCard = keys.held && find(keys.held.id);
  const allowed = air ? [...air.targets.keys()] : heldCard ? [...targets(heldCard).keys()] : null;
  const aim = air ? air.over : (keys.held?.lane ?? null);
  const own = air ? laneOf(air.appointment.status) : heldCard ? laneOf(heldCard.status) : null;
  const dropOf = (lane: Lane) => {
    if (!allowed || lane === own) return undefined;
    if (!allowed.includes(lane)) return "refused" as const;
    return lane === aim ? ("over" as const) : ("allowed" as const);
  };
  const shown = only ? [only] : LANES;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the cards' buttons have the focus; their keys and the pointer are heard here
    <div
      ref={root}
      className={classes.board}
      data-single={only !== undefined || undefined}
      style={only ? undefined : { gridTemplateColumns: widths(columns) }}
      data-busy={busy || undefined}
      aria-busy={busy || undefined}
      onPointerDown={only ? undefined : drag.onPointerDown}
      onKeyDown={only ? undefined : keys.onKeyDown}
      onKeyUp={only ? undefined : keys.onKeyUp}
      onBlur={keys.onBlur}
    >
      <p id="today-keys" hidden>
        {t("keys.hint")}
      </p>
      {shown.map((lane) => (
        <Column
          key={lane}
          lane={lane}
          appointments={columns.lanes[lane]}
          drop={dropOf(lane)}
          heldId={air?.appointment.appointment_id ?? keys.held?.id}
          isMovable={only === undefined}
          isAlone={only !== undefined}
        />
      ))}
      {air && (
        <div className={classes.picture} ref={drag.picture} aria-hidden>
          <div className={classes.pictureCard}>
            <span className={classes.pictureName}>{fullName(air.appointment)}</span>
            <Timer appointment={air.appointment} />
          </div>
        </div>
      )}
    </div>
  );
}

/** What is empty needs no more room than its name. */
const widths = ({ lanes }: Columns): string =>
  LANES.map((lane) => (lanes[lane].length > 0 ? "minmax(154px, 1fr)" : "minmax(96px, 0.4fr)")).join(" ");

interface KeysInput {
  find: (id: number) => BoardAppointment | undefined;
  targets: (appointment: BoardAppointment) => ReadonlyMap<Lane, string>;
  say: (words: string) => void;
}

/** Space picks a card up, arrows choose where to, Enter or Space puts it down, Escape leaves it. Else arrows go from card to card. */
function useKeys({ find, targets, say }: KeysInput) {
  const { t } = useTranslation("today");
  const { act } = useActions();
  const { dir } = useDirection();
  const [held, hold] = useState<Held | null>(null);
  const steps: Record<string, 1 | -1> =
    dir === "rtl" ? { ArrowLeft: 1, ArrowRight: -1 } : { ArrowRight: 1, ArrowLeft: -1 };
  const isGone = held !== null && find(held.id) === undefined;
  useEffect(() => {
    if (isGone) hold(null);
  }, [isGone]);

  const pickUp = (appointment: BoardAppointment) => {
    const lane = laneOf(appointment.status);
    const name = fullName(appointment);
    const allowed = [...targets(appointment).keys()];
    if (!lane || allowed.length === 0) return say(t("keys.fixed", { name }));
    hold({ id: appointment.appointment_id, lane });
    const places = allowed.map((one) => t(`lane.${one}`)).join(", ");
    say(t("keys.picked", { name, lane: t(`lane.${lane}`), places }));
  };
  const putDown = (appointment: BoardAppointment, lane: Lane) => {
    hold(null);
    const to = stepTo(targets(appointment), lane);
    if (to) act(appointment, to);
    else say(t("keys.stayed", { name: fullName(appointment) }));
  };
  const aim = (appointment: BoardAppointment, at: Lane, step: 1 | -1) => {
    const own = laneOf(appointment.status);
    const lane = nextLane([...targets(appointment).keys(), ...(own ? [own] : [])], at, step);
    if (!lane) return say(t("keys.edge"));
    hold({ id: appointment.appointment_id, lane });
    document.querySelector(`[data-lane="${lane}"]`)?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
    say(t(`lane.${lane}`));
  };

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-open]");
    const card = button?.closest<HTMLElement>("[data-card]");
    const appointment = card && find(Number(card.dataset.card));
    if (!button || !appointment || event.altKey || event.ctrlKey || event.metaKey) return;
    const isHeld = held?.id === appointment.appointment_id;
    const step = steps[event.key];
    const take = (work: () => void) => {
      event.preventDefault();
      event.stopPropagation();
      work();
    };
    if (isHeld) {
      if (event.key === "Enter" || event.key === " ") take(() => putDown(appointment, held.lane));
      else if (event.key === "Escape")
        take(() => {
          hold(null);
          say(t("keys.stayed", { name: fullName(appointment) }));
        });
      else if (step) take(() => aim(appointment, held.lane, step));
      else if (event.key !== "Tab") take(() => undefined);
      return;
    }
    if (event.key === " ") take(() => pickUp(appointment));
    else if (step) take(() => focusBeside(button, step));
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      take(() => focusInColumn(button, event.key === "ArrowDown" ? 1 : -1));
    }
  };
  /** Some browsers press a button when Space comes up again. */
  const onKeyUp = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key === " " && (event.target as Element).closest("[data-open]")) event.preventDefault();
  };
  const onBlur = (event: FocusEvent) => {
    if (held && (event.target as Element).closest("[data-card]")?.getAttribute("data-card") === String(held.id))
      hold(null);
  };
  return { held, onKeyDown, onKeyUp, onBlur };
}

function stepTo<T>(targets: ReadonlyMap<Lane, T>, lane: Lane): BoardAppointment["status"] | undefined {
  return targets.get(lane) as BoardAppointment["status"] | undefined;
}

const cardsOf = (column: Element | null | undefined): HTMLElement[] => [
  ...(column?.querySelectorAll<HTMLElement>("[data-open]") ?? []),
];

function focusInColumn(button: HTMLElement, step: 1 | -1): void {
  const cards = cardsOf(button.closest("[data-lane]"));
  cards[cards.indexOf(button) + step]?.focus();
}

/** The card at the same height in the next column that has any. */
function focusBeside(button: HTMLElement, step: 1 | -1): void {
  const column = button.closest("[data-lane]");
  const row = cardsOf(column).indexOf(button);
  const columns = [...document.querySelectorAll("[data-lane]")];
  const ahead = columns.indexOf(column as Element);
  const others = step === 1 ? columns.slice(ahead + 1) : columns.slice(0, ahead).reverse();
  const cards = others.map(cardsOf).find((some) => some.length > 0);
  cards?.[Math.min(row, cards.length - 1)]?.focus();
}
