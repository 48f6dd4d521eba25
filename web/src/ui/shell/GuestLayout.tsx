/** The frame of the pages before signing in: the brand, one thing to do, the language. */
import { UnstyledButton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { chooseLanguage, LANGUAGES, type Language } from "@/i18n";
import { Brand } from "./Brand";
import classes from "./GuestLayout.module.css";

interface GuestLayoutProps {
  title: string;
  intro?: ReactNode;
  children?: ReactNode;
  footer?: ReactNode;
  /** For a form with two columns. */
  wide?: boolean;
}

export function GuestLayout({ title, intro, children, footer, wide = false }: GuestLayoutProps) {
  useEffect(() => {
    document.title = `${title} · ClinicHub`;
  }, [title]);
  return (
    <div className={classes.frame}>
      <header className={classes.top}>
        <Link to="/" className={classes.home}>
          <Brand />
        </Link>
        <LanguageSwitch />
      </header>
      <main className={classes.main}>
        <div className={classes.card} data-wide={wide || undefined}>
          <h1 className={classes.title}>{title}</h1>
          {intro && <p className={classes.intro}>{intro}</p>}
          {children}
        </div>
        {footer && <div className={classes.footer}>{footer}</div>}
      </main>
    </div>
  );
}

/** One button a language: there are few, and each is called as its speakers call it. */
export function LanguageSwitch() {
  const { t, i18n } = useTranslation("common");
  return (
    <div role="group" aria-label={t("user.language")} className={classes.languages}>
      {(Object.entries(LANGUAGES) as [Language, string][]).map(([language, own]) => (
        <UnstyledButton
          key={language}
          lang={language}
          className={classes.language}
          aria-pressed={i18n.language === language}
          onClick={() => void chooseLanguage(language)}
        >
          {own}
        </UnstyledButton>
      ))}
    </div>
  );
}
