/** What ClinicHub is, for whoever comes to its address for the first time. */
import { Button } from "@mantine/core";
import { IconCalendarEvent, IconLayoutKanban, IconLock, IconReceipt } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { apiQuery } from "@/api/query";
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
  const setup = useQuery({ ...apiQuery("/api/setup"), staleTime: 60_000 });
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
          <a href="/docs" className={classes.docs}>
            {t("api")}
          </a>
        </div>
        <p className={classes.note}>{t(setup.data?.needed ? "setup" : "newHere")}</p>
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
