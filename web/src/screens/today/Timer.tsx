/** How long, running. Only the line itself is drawn again when a minute has passed. */
import {
  IconAlertTriangle,
  IconClock,
  IconClockExclamation,
  IconHourglass,
  IconHourglassHigh,
  type TablerIcon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useTime } from "@/ui/useTime";
import classes from "./Timer.module.css";
import { now, useTicking } from "./ticker";
import { type Reading, read, type Timed } from "./timing";

const ICONS: Readonly<Record<Exclude<Reading["is"], "none">, TablerIcon>> = {
  due: IconClock,
  late: IconClockExclamation,
  waits: IconHourglass,
  busy: IconClock,
  over: IconAlertTriangle,
  forgotten: IconAlertTriangle,
};

export function Timer({ appointment }: { appointment: Timed }) {
  const { t } = useTranslation("today");
  const time = useTime();
  useTicking((at) => Object.values(read(appointment, at)).join());
  const { is, minutes, over, level } = read(appointment, now());
  if (is === "none") return null;
  const Icon = is === "waits" && level > 0 ? IconHourglassHigh : ICONS[is];
  const length = time.minutes(minutes);
  return (
    <span className={classes.timer} data-level={level} data-is={is}>
      <Icon size={14} stroke={1.9} aria-hidden />
      {t(`timer.${is}`, { length, over: time.minutes(over) })}
    </span>
  );
}
