/** The person: profile and sessions, colours, language, the keys, and the way out. */
import {
  IconDeviceDesktop,
  IconKeyboard,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconSun,
  IconUserCircle,
} from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { signOut } from "@/api/session";
import { LANGUAGES, type Language } from "@/i18n";
import { PopGroup, PopItem, PopMenu } from "../PopMenu";
import { usePreferences } from "../preferences";
import { useMe } from "../session";
import { press } from "../shortcuts";
import classes from "./Menus.module.css";

const SCHEMES = [
  ["light", IconSun],
  ["dark", IconMoon],
  ["auto", IconDeviceDesktop],
] as const;

export function UserMenu({ short = false }: { short?: boolean }) {
  const { t } = useTranslation("common");
  const me = useMe();
  const navigate = useNavigate();
  const { language: current, theme, setLanguage, setTheme } = usePreferences();
  const name = `${me.first_name} ${me.last_name}`;
  const trigger = (
    <>
      <Initials first={me.first_name} last={me.last_name} />
      {!short && (
        <span className={classes.who}>
          <span className={classes.name}>{name}</span>
          <span className={classes.role}>{t(`role.${me.role}`)}</span>
        </span>
      )}
    </>
  );
  return (
    <PopMenu label={t("user.menu", { name })} trigger={trigger} className={classes.target} short={short}>
      <PopItem icon={IconUserCircle} onSelect={() => void navigate({ to: "/profile" })}>
        {t("user.profile")}
      </PopItem>
      <PopItem icon={IconKeyboard} onSelect={() => press("?")}>
        {t("shortcut.title")}
      </PopItem>
      <PopGroup label={t("user.theme")}>
        {SCHEMES.map(([scheme, Icon]) => (
          <PopItem key={scheme} icon={Icon} checked={theme === scheme} onSelect={() => setTheme(scheme)}>
            {t(`user.${scheme}`)}
          </PopItem>
        ))}
      </PopGroup>
      <PopGroup label={t("user.language")}>
        {(Object.entries(LANGUAGES) as [Language, string][]).map(([language, own]) => (
          <PopItem
            key={language}
            icon={IconLanguage}
            lang={language}
            checked={current === language}
            onSelect={() => setLanguage(language)}
          >
            {own}
          </PopItem>
        ))}
      </PopGroup>
      <PopItem icon={IconLogout} onSelect={() => void signOut()}>
        {t("user.signOut")}
      </PopItem>
    </PopMenu>
  );
}

function Initials({ first, last }: { first: string; last: string }) {
  return (
    <span className={classes.initials} aria-hidden>
      {[...first][0]}
      {[...last][0]}
    </span>
  );
}
