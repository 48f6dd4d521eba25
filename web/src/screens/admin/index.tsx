/** The clinic's staff, permissions, doctors, settings and audit log. */
import { Tabs } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";
import { useCan } from "@/ui/session";
import { TabList } from "@/ui/TabList";
import { Audit } from "./Audit";
import { Clinic } from "./Clinic";
import { Doctors } from "./Doctors";
import { Permissions } from "./Permissions";
import { Staff } from "./Staff";
import { TABS } from "./search";

const route = getRouteApi("/app/admin");

const PARTS = { staff: Staff, permissions: Permissions, doctors: Doctors, clinic: Clinic, audit: Audit } as const;
const NEEDS = {
  staff: "staff_read",
  permissions: "clinic_settings",
  doctors: "staff_read",
  clinic: "clinic_settings",
  audit: "audit_read",
} as const;

export function Screen() {
  const { t } = useTranslation("admin");
  const can = useCan();
  const { tab: asked } = route.useSearch();
  const navigate = route.useNavigate();
  const tabs = TABS.filter((each) => can(NEEDS[each]));
  const tab = tabs.find((each) => each === asked) ?? tabs[0] ?? "staff";
  const Part = PARTS[tab];
  return (
    <Page title={t("title")}>
      <Tabs value={tab} onChange={(next) => void navigate({ search: { tab: (next ?? undefined) as typeof tab } })}>
        <TabList value={tab}>
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`tab.${each}`)}
            </Tabs.Tab>
          ))}
        </TabList>
        <Tabs.Panel value={tab}>
          <Part />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
