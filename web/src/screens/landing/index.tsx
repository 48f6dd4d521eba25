/** What ClinicHub is, for whoever comes to its address for the first time. */
import { Button } from "@mantine/core";
import { IconCalendarEvent, IconLayoutKanban, IconLock, IconReceipt } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Brand } from "@/ui/shell/Brand";
import { LanguageSwitch } from "@/ui/shell/GuestLayout";
import classes from "./landing.module.css";

const POINTS = [
  ["board", IconLayoutKanban],
  ["schedule", IconCalendarEvent],
  ["billing", IconReceipt],
  ["privacy", IconLock],
] as const;

export function Screen() {
  const { t } = useTranslation("landing");
  const isNew = useIsNew();
  useEffect(() => {
    document.title = `ClinicHub · ${t("title")}`;
  }, [t]);
  return (
    <div className={classes.frame}>
      <header className={classes.top}>
        <Brand />
        <LanguageSwitch />
      </header>
      <main className={classes.main}>
        <h1 className={classes.title}>{t("title")}</h1>
        <p className={classes.lead}>{t("lead")}</p>
        <div className={classes.actions}>
          <Button component={Link} to="/sign-in" size="lg">
            {t("signIn")}
          </Button>
          {!isNew && (
            <Button component={Link} to="/register" size="lg" variant="default">
              {t("register")}
            </Button>
          )}
          <a href="/docs" className={classes.docs}>
            {t("api")}
          </a>
        </div>
        <p className={classes.note}>{t(isNew ? "setup" : "newHere")}</p>
        <ul className={classes.points}>
          {POINTS.map(([key, Icon]) => (
            <li key={key} className={classes.point}>
              <Icon size={22} stroke={1.6} aria-hidden className={classes.icon} />
              <h2 className={classes.pointTitle}>{t(`points.${key}.title`)}</h2>
              <p className={classes.pointText}>{t(`points.${key}.text`)}</p>
            </li>
          ))}
        </ul>
      </main>
    </div>
  );
}

/** Whether nobody has an account here yet. */
function useIsNew(): boolean {
  const [isNew, setIsNew] = useState(false);
  useEffect(() => {
    api
      .GET("/api/setup")
      .then(({ data }) => setIsNew(data?.needed ?? false))
      .catch(() => undefined);
  }, []);
  return isNew;
}
