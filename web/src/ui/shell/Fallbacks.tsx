/** What is shown where a screen can't be: a fault, a file that could not be loaded, a connection that is slow. Made of almost nothing. */
import { Button, Loader } from "@mantine/core";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ApiProblem, NoConnection } from "@/api/problem";
import { problemText } from "../problemText";
import classes from "./Fallbacks.module.css";

export function Waiting() {
  const { t } = useTranslation("common");
  return (
    <div className={classes.whole} role="status" aria-label={t("state.loading")}>
      <Loader size="sm" />
    </div>
  );
}

/** After an update the files of the version before are gone, so the page is loaded anew where the fault is not the server's. */
export function Crash({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation("common");
  const router = useRouter();
  const isServers = error instanceof ApiProblem || error instanceof NoConnection;
  const again = () => {
    if (!isServers) return location.reload();
    reset();
    void router.invalidate();
  };
  return (
    <div className={classes.whole} role="alert">
      <div className={classes.fault}>
        <h1 className={classes.title}>{t("state.failed")}</h1>
        <p>{problemText(error, t)}</p>
        <Button variant="default" onClick={again}>
          {t("action.retry")}
        </Button>
      </div>
    </div>
  );
}
