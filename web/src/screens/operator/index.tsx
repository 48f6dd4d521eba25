/** The installation's clinics: whether each works, what happened in it, and new ones. */
import { Button } from "@mantine/core";
import { IconBuildingHospital, IconPlus } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { today } from "@/lib/time";
import { Modal } from "@/ui/Modal";
import { Page } from "@/ui/Page";
import { useShortcut } from "@/ui/shortcuts";
import { Loading, Message, QueryView } from "@/ui/states";
import { Clinics } from "./Clinics";
import { Filters } from "./Filters";
import { isBackwards, type Period, periodOf } from "./period";
import type { Clinic } from "./types";
import { Usage } from "./Usage";

const NewClinic = lazy(() => import("./NewClinic"));
const InviteAdmin = lazy(() => import("./InviteAdmin"));
const route = getRouteApi("/app/operator");

export function Screen() {
  const { t } = useTranslation("operator");
  const { search, status, sort, order, page, from, to } = route.useSearch();
  const [isAdding, add] = useState(false);
  const [inviting, invite] = useState<Clinic | null>(null);
  const recent = periodOf("recent", today("UTC"));
  const period: Period = { from: from ?? recent.from, to: to ?? recent.to };
  const isFault = isBackwards(period);
  const clinics = useApiQuery("/api/clinics", {
    query: { search, status, sort, order, page: page ?? 1, per_page: 25 },
  });
  const usage = useApiQuery("/api/clinics/usage", { query: { ...period } }, { enabled: !isFault });
  useShortcut("n", t("newClinic"), () => add(true));
  return (
    <Page
      title={t("title")}
      subtitle={t("subtitle")}
      actions={
        <Button leftSection={<IconPlus size={16} stroke={1.7} aria-hidden />} onClick={() => add(true)}>
          {t("newClinic")}
        </Button>
      }
    >
      <Usage query={usage} period={period} isFault={isFault} />
      <Filters />
      <QueryView
        query={clinics}
        isEmpty={(data) => data.clinics.length === 0}
        empty={
          <Message
            icon={IconBuildingHospital}
            title={t(search === undefined && status === undefined ? "noClinics" : "noMatch")}
          />
        }
      >
        {(data) => (
          <Clinics
            page={data}
            usage={isFault ? undefined : usage.data}
            isBusy={clinics.isPlaceholderData}
            onInvite={invite}
          />
        )}
      </QueryView>
      <Modal opened={isAdding} onClose={() => add(false)} title={t("newClinic")} size="lg">
        <Suspense fallback={<Loading />}>{isAdding && <NewClinic onClose={() => add(false)} />}</Suspense>
      </Modal>
      <Modal
        opened={inviting !== null}
        onClose={() => invite(null)}
        title={t("inviteAdminTitle", { name: inviting?.name })}
      >
        <Suspense fallback={<Loading />}>
          {inviting && <InviteAdmin clinic={inviting} onClose={() => invite(null)} />}
        </Suspense>
      </Modal>
    </Page>
  );
}
