/** On a phone: one column at a time, and how many are in the others. */
import { type KeyboardEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Columns } from "./day";
import classes from "./LaneTabs.module.css";
import { LANES, type Lane } from "./lanes";

interface LaneTabsProps {
  columns: Columns;
  lane: Lane;
  show: (lane: Lane) => void;
}

export const PANEL = "today-lane";
export const tabOf = (lane: Lane) => `today-tab-${lane}`;

export function LaneTabs({ columns, lane, show }: LaneTabsProps) {
  const { t } = useTranslation("today");
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const tab = list.current?.querySelector(`#${tabOf(lane)}`);
    tab?.scrollIntoView?.({ block: "nearest", inline: "center" });
  }, [lane]);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const isTurned = getComputedStyle(event.currentTarget).direction === "rtl";
    const step = { ArrowRight: isTurned ? -1 : 1, ArrowLeft: isTurned ? 1 : -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = LANES[(LANES.indexOf(lane) + step + LANES.length) % LANES.length] as Lane;
    show(next);
    list.current?.querySelector<HTMLElement>(`#${tabOf(next)}`)?.focus();
  };
  return (
    <div ref={list} role="tablist" aria-label={t("lanes")} className={classes.tabs} onKeyDown={onKeyDown}>
      {LANES.map((one) => (
        <button
          key={one}
          id={tabOf(one)}
          type="button"
          role="tab"
          aria-selected={one === lane}
          aria-controls={PANEL}
          tabIndex={one === lane ? 0 : -1}
          className={classes.tab}
          onClick={() => show(one)}
        >
          {t(`lane.${one}`)} <span className={classes.count}>{columns.lanes[one].length}</span>
        </button>
      ))}
    </div>
  );
}
