/** What every component may count on: colours, direction, language, the query cache, the router. */
import { DirectionProvider, localStorageColorSchemeManager, MantineProvider, useDirection } from "@mantine/core";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { isRightToLeft } from "@/i18n";
import { makeRouter } from "@/router";
import { theme, variables } from "./theme";

const colors = localStorageColorSchemeManager({ key: "clinichub.theme" });

export function Providers({ queries }: { queries: QueryClient }) {
  const router = useMemo(() => makeRouter(queries), [queries]);
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
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
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
