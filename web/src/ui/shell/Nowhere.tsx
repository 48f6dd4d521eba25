/** An address that leads nowhere. */
import "../styles";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { NotFound } from "../states";
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
