/**
 * The board on a wall: large, and with no more than initials, since everybody sees it. It lies over everything; what is below can't
 * be reached until it is closed.
 */
import { ActionIcon, Text, Title } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useClinic } from "@/ui/session";
import { useTime } from "@/ui/useTime";
import { Provider } from "./AppointmentCard";
import { type Columns, initials } from "./day";
import type { Lane } from "./lanes";
import { Timer } from "./Timer";
import { useTicking } from "./ticker";
import classes from "./WallDisplay.module.css";

/** Who left is nobody's business any more. */
const SHOWN = ["expected", "waiting", "in_room", "in_scan", "review"] as const satisfies readonly Lane[];
const MOST = 12;

export function WallDisplay({ columns, close }: { columns: Columns; close: () => void }) {
  const { t } = useTranslation("today");
  const time = useTime();
  const clinic = useClinic();
  const dialog = useRef<HTMLDialogElement>(null);
  const clock = useTicking((now) => time.time(new Date(now)));
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  useAwake();
  return (
    <dialog ref={dialog} className={classes.display} aria-labelledby="today-display" onClose={close}>
      <header className={classes.header}>
        <Title order={2} id="today-display">
          {clinic.name}
        </Title>
        <time className={classes.clock}>{clock}</time>
        <ActionIcon size="xl" aria-label={t("common:action.close")} onClick={close}>
          <IconX size={24} stroke={1.7} aria-hidden />
        </ActionIcon>
      </header>
      <div className={classes.lanes}>
        {SHOWN.map((lane) => (
          <section key={lane} className={classes.lane} aria-labelledby={`today-display-${lane}`}>
            <h3 id={`today-display-${lane}`} className={classes.laneTitle}>
              {t(`lane.${lane}`)} <span>{columns.lanes[lane].length}</span>
            </h3>
            <ul className={classes.people}>
              {columns.lanes[lane].slice(0, MOST).map((one) => (
                <li key={one.appointment_id} className={classes.person}>
                  <span className={classes.initials}>{initials(one.patient)}</span>
                  <span className={classes.when}>{time.time(one.scheduled_start)}</span>
                  <Provider appointment={one} />
                  <Timer appointment={one} />
                </li>
              ))}
            </ul>
            {columns.lanes[lane].length > MOST && (
              <Text c="dimmed">{t("andMore", { count: columns.lanes[lane].length - MOST })}</Text>
            )}
          </section>
        ))}
      </div>
    </dialog>
  );
}

/** Keeps the screen on while it is shown, where the browser can. */
function useAwake(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    let isOver = false;
    const ask = async () => {
      if (document.visibilityState !== "visible") return;
      lock = await navigator.wakeLock?.request("screen").catch(() => undefined);
      if (isOver) void lock?.release();
    };
    void ask();
    document.addEventListener("visibilitychange", ask);
    return () => {
      isOver = true;
      document.removeEventListener("visibilitychange", ask);
      void lock?.release();
    };
  }, []);
}
