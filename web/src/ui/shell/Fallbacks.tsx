/** What is shown where no screen is: an address that leads nowhere, a fault, a connection that is slow. */
import { Button, Loader } from "@mantine/core";
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ApiProblem, NoConnection } from "@/api/problem";
import { ErrorState, NotFound } from "../states";
import classes from "./Fallbacks.module.css";

export function Nowhere() {
  const { t } = useTranslation("common");
  return (
    <main className={classes.whole}>
      <NotFound
        action={
          <Button component={Link} to="/" variant="default">
            {t("action.home")}
          </Button>
        }
      />
    </main>
  );
}

export function Waiting() {
  const { t } = useTranslation("common");
  return (
    <div className={classes.whole} role="status" aria-label={t("state.loading")}>
      <Loader size="sm" />
    </div>
  );
}

/** A fault of the app, or a file of it that could not be loaded: after an update the old ones are gone, so the page is loaded anew. */
export function Crash({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const isOurs = !(error instanceof ApiProblem || error instanceof NoConnection);
  const again = () => {
    if (isOurs) return location.reload();
    reset();
    void router.invalidate();
  };
  return (
    <div className={classes.whole}>
      <ErrorState error={error} retry={again} />
    </div>
  );
}
