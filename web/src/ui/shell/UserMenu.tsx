/** The person: profile and sessions, colours, language, the keys, and the way out. */
import { Menu, Text, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import {
  IconDeviceDesktop,
  IconKeyboard,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconSun,
  IconUserCircle,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { signOut } from "@/api/session";
import { chooseLanguage, LANGUAGES, type Language } from "@/i18n";
import { useMe } from "../session";
import classes from "./Menus.module.css";

const SCHEMES = [
  ["light", IconSun],
  ["dark", IconMoon],
  ["auto", IconDeviceDesktop],
] as const;

export function UserMenu({ short = false }: { short?: boolean }) {
  const { t, i18n } = useTranslation("common");
  const me = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const name = `${me.first_name} ${me.last_name}`;
  const showKeys = () => window.dispatchEvent(new KeyboardEvent("keydown", { key: "?" }));
  return (
    <Menu position="top-start" width={250} withinPortal>
      <Menu.Target>
        <UnstyledButton
          className={classes.target}
          data-short={short || undefined}
          aria-label={t("user.menu", { name })}
        >
          <Initials first={me.first_name} last={me.last_name} />
          {!short && (
            <span className={classes.who}>
              <span className={classes.name}>{name}</span>
              <Text component="span" size="xs" c="dimmed">
                {t(`role.${me.role}`)}
              </Text>
            </span>
          )}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {short && <Menu.Label>{name}</Menu.Label>}
        <Menu.Item leftSection={<IconUserCircle size={17} aria-hidden />} component={Link} to="/profile">
          {t("user.profile")}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={17} aria-hidden />} onClick={() => setTimeout(showKeys, 120)}>
          {t("shortcut.title")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t("user.theme")}</Menu.Label>
        {SCHEMES.map(([scheme, Icon]) => (
          <Menu.Item
            key={scheme}
            role="menuitemradio"
            aria-checked={colorScheme === scheme}
            data-checked={colorScheme === scheme || undefined}
            className={classes.choice}
            leftSection={<Icon size={17} aria-hidden />}
            closeMenuOnClick={false}
            onClick={() => setColorScheme(scheme)}
          >
            {t(`user.${scheme}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{t("user.language")}</Menu.Label>
        {(Object.entries(LANGUAGES) as [Language, string][]).map(([language, own]) => (
          <Menu.Item
            key={language}
            role="menuitemradio"
            lang={language}
            aria-checked={i18n.language === language}
            data-checked={i18n.language === language || undefined}
            className={classes.choice}
            leftSection={<IconLanguage size={17} aria-hidden />}
            onClick={() => void chooseLanguage(language)}
          >
            {own}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={17} aria-hidden />} onClick={() => void signOut()}>
          {t("user.signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

export function Initials({ first, last }: { first: string; last: string }) {
  return (
    <span className={classes.initials} aria-hidden>
      {[...first][0]}
      {[...last][0]}
    </span>
  );
}
