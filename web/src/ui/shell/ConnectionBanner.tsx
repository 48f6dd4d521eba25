/** Says that the server can't be reached, that nothing is lost, and how much waits to be sent. */
import { IconCloudOff } from "@tabler/icons-react";
import { onlineManager, useMutationState } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import classes from "./ConnectionBanner.module.css";

export const useIsOnline = (): boolean =>
  useSyncExternalStore(
    (listener) => onlineManager.subscribe(listener),
    () => onlineManager.isOnline(),
  );

export function ConnectionBanner() {
  const { t } = useTranslation("common");
  const isOnline = useIsOnline();
  const waiting = useMutationState({ filters: { status: "pending" }, select: ({ state }) => state.isPaused }).filter(
    Boolean,
  ).length;
  useEffect(() => {
    if (waiting === 0) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [waiting]);
  return (
    <div role="status" className={classes.place}>
      {!isOnline && (
        <div className={classes.banner}>
          <IconCloudOff size={17} aria-hidden />
          <span>
            {t("connection.lost")} {waiting > 0 && t("connection.waiting", { count: waiting })}
          </span>
        </div>
      )}
    </div>
  );
}
