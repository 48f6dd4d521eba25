/** What every page may count on: colours, direction, language, the router. What only the app needs comes with it (`AppParts`). */
import { DirectionProvider, localStorageColorSchemeManager, MantineProvider, useDirection } from "@mantine/core";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { isRightToLeft } from "@/i18n";
import { makeRouter } from "@/router";
import { theme, variables } from "./theme";

const colors = localStorageColorSchemeManager({ key: "clinichub.theme" });

export function Providers() {
  const router = useMemo(makeRouter, []);
  const { i18n } = useTranslation();
  return (
    <DirectionProvider initialDirection={isRightToLeft(i18n.language) ? "rtl" : "ltr"} detectDirection={false}>
      <FollowLanguage />
      <MantineProvider
        theme={theme}
        cssVariablesResolver={variables}
        colorSchemeManager={colors}
        defaultColorScheme="auto"
      >
        <RouterProvider router={router} />
      </MantineProvider>
    </DirectionProvider>
  );
}

function FollowLanguage() {
  const { i18n } = useTranslation();
  const { setDirection } = useDirection();
  useEffect(() => setDirection(isRightToLeft(i18n.language) ? "rtl" : "ltr"), [i18n.language, setDirection]);
  return null;
}
