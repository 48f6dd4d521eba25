/** Language and colours go with the person from browser to browser: what is chosen is kept with their account, and taken up again. */
import { type MantineColorScheme, useMantineColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { write } from "@/api/operations";
import { updateMe } from "@/api/session";
import type { Schemas } from "@/api/types";
import { chooseLanguage, isLanguage, type Language } from "@/i18n";
import { useMe } from "./session";

const SCHEMES: readonly unknown[] = ["light", "dark", "auto"] satisfies MantineColorScheme[];

const isScheme = (value: unknown): value is MantineColorScheme => SCHEMES.includes(value);

export function usePreferences() {
  const me = useMe();
  const { i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return {
    language: i18n.language,
    theme: colorScheme,
    setLanguage: (language: Language) => {
      void chooseLanguage(language);
      keep({ language });
    },
    setTheme: (theme: MantineColorScheme) => {
      setColorScheme(theme);
      keep({ preferences: Object.assign({}, me.preferences, { theme }) });
    },
  };
}

/** It holds in this browser at once; that the account knows it too is worth a try and no complaint. */
function keep(change: Schemas["ProfileBody"]): void {
  write("patch", "/api/auth/me", { body: change })
    .then(({ user }) => updateMe(user))
    .catch(() => undefined);
}

/** Takes up what the person chose elsewhere, once a sign-in. */
export function useKeptPreferences(): void {
  const me = useMe();
  const { setColorScheme } = useMantineColorScheme();
  const { i18n } = useTranslation();
  const taken = useRef<number | null>(null);
  const { language } = me;
  const { theme } = me.preferences as { theme?: unknown };
  useEffect(() => {
    if (taken.current === me.user_id) return;
    taken.current = me.user_id;
    if (isScheme(theme)) setColorScheme(theme);
    if (isLanguage(language) && isLanguage(i18n.language) && language !== i18n.language) void chooseLanguage(language);
  }, [me.user_id, theme, language, i18n, setColorScheme]);
}
