/** What is to be billed, the invoices, and the fee schedule. */
import { Tabs } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";
import { TabList } from "@/ui/TabList";
import { Fees } from "./Fees";
import { Invoices } from "./Invoices";
import { TABS } from "./search";
import { ToBill } from "./ToBill";

const route = getRouteApi("/app/billing");

export function Screen() {
  const { t } = useTranslation("billing");
  const { tab = "to-bill" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Page title={t("title")}>
      <Tabs value={tab} onChange={(next) => void navigate({ search: { tab: (next ?? undefined) as never } })}>
        <TabList value={tab}>
          {TABS.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`tab.${each}`)}
            </Tabs.Tab>
          ))}
        </TabList>
        <Tabs.Panel value={tab}>
          {tab === "to-bill" && <ToBill />}
          {tab === "invoices" && <Invoices />}
          {tab === "fees" && <Fees />}
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
