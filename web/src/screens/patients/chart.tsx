/** A patient's chart: who it is, at a glance, and a tab for each side of it. */
import { Anchor, Button, CopyButton, Group, Menu, Tabs } from "@mantine/core";
import { IconCalendarPlus, IconDots, IconPencil } from "@tabler/icons-react";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiMutation, useApiQuery } from "@/api/query";
import { AllergyBar } from "@/ui/clinical/AllergyBar";
import { useConfirm } from "@/ui/confirm";
import { Modal } from "@/ui/Modal";
import { Page } from "@/ui/Page";
import { Can, useCan } from "@/ui/session";
import { QueryView } from "@/ui/states";
import { TabList } from "@/ui/TabList";
import { done, failed } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import { EditForm } from "./EditForm";
import classes from "./patients.module.css";
import { TABS } from "./tabs";
import type { Patient } from "./types";

const route = getRouteApi("/app/patients/$patientId");

export function Screen() {
  const { t } = useTranslation("patients");
  const { patientId } = route.useParams();
  const { tab: asked } = route.useSearch();
  const navigate = route.useNavigate();
  const can = useCan();
  const [isEditing, edit] = useState(false);
  const query = useApiQuery("/api/patients/{patient_id}/summary", { path: { patient_id: Number(patientId) } });
  const patient = query.data?.patient;
  const tabs = TABS.filter(({ needs }) => can(needs));
  const tab = tabs.find(({ key }) => key === asked) ?? tabs[0];
  const name = patient ? `${patient.first_name} ${patient.last_name}` : t("chartTitle");
  return (
    <Page
      title={name}
      documentTitle={t("chartTitle")}
      subtitle={patient && <Facts patient={patient} />}
      actions={patient && <ChartActions patient={patient} onEdit={() => edit(true)} />}
    >
      <QueryView query={query}>
        {(summary) => (
          <>
            {can("chart_read") && <Allergies patientId={summary.patient.patient_id} />}
            <Tabs
              value={tab?.key ?? null}
              onChange={(next) => void navigate({ search: { tab: next ?? undefined }, replace: true })}
            >
              <TabList value={tab?.key} className={classes.tabs}>
                {tabs.map(({ key }) => (
                  <Tabs.Tab key={key} value={key}>
                    {t(`tab.${key}`)}
                  </Tabs.Tab>
                ))}
              </TabList>
              {tab && (
                <Tabs.Panel value={tab.key}>
                  <tab.Part summary={summary} />
                </Tabs.Panel>
              )}
            </Tabs>
            <Modal opened={isEditing} onClose={() => edit(false)} size="lg" title={t("edit")}>
              <EditForm patient={summary.patient} onDone={() => edit(false)} />
            </Modal>
          </>
        )}
      </QueryView>
    </Page>
  );
}

/** At the head of every side of the chart. */
function Allergies({ patientId }: { patientId: number }) {
  const query = useApiQuery("/api/patients/{patient_id}/chart", { path: { patient_id: patientId } });
  return query.data?.patient.patient_id === patientId ? <AllergyBar allergies={query.data.patient.allergies} /> : null;
}

function Facts({ patient }: { patient: Patient }) {
  const { t } = useTranslation("patients");
  const time = useTime();
  return (
    <span className={classes.facts}>
      <span>
        {time.day(patient.dob, "medium")} · {t("years", { count: time.age(patient.dob) })}
      </span>
      <span>{t(`sexIs.${patient.sex}`)}</span>
      <CopyButton value={patient.mrn}>
        {({ copied, copy }) => (
          <button type="button" className={classes.copy} onClick={copy} title={t("copy")}>
            {patient.mrn}
            <span className="visually-hidden">{copied ? t("copied") : t("copy")}</span>
          </button>
        )}
      </CopyButton>
      {patient.phone && <Anchor href={`tel:${patient.phone.replace(/[^+\d]/g, "")}`}>{patient.phone}</Anchor>}
      {patient.email && <Anchor href={`mailto:${patient.email}`}>{patient.email}</Anchor>}
    </span>
  );
}

function ChartActions({ patient, onEdit }: { patient: Patient; onEdit: () => void }) {
  const { t } = useTranslation("patients");
  const can = useCan();
  const confirm = useConfirm();
  const navigate = useNavigate();
  const remove = useApiMutation("delete", "/api/patients/{patient_id}", {
    invalidates: ["/api/patients", "/api/board", "/api/schedule"],
  });
  const erase = async () => {
    const name = `${patient.first_name} ${patient.last_name}`;
    const asked = { title: t("deleteTitle", { name }), body: t("deleteBody"), action: t("delete"), danger: true };
    if (!(await confirm(asked))) return;
    try {
      await remove.mutateAsync({ params: { path: { patient_id: patient.patient_id } }, version: patient.version });
      done(t("deleted", { name }));
      await navigate({ to: "/patients" });
    } catch (error) {
      failed(error, t);
    }
  };
  const hasMore = can("audit_read") || can("patient_delete");
  return (
    <Group gap="xs">
      <Can do="appointment_create">
        <Button
          component={Link}
          to="/schedule"
          search={{ patient: patient.patient_id } as never}
          leftSection={<IconCalendarPlus size={16} stroke={1.7} aria-hidden />}
        >
          {t("book")}
        </Button>
      </Can>
      <Can do="patient_update">
        <Button variant="default" leftSection={<IconPencil size={16} stroke={1.7} aria-hidden />} onClick={onEdit}>
          {t("editShort")}
        </Button>
      </Can>
      {hasMore && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" px="xs" aria-label={t("more")}>
              <IconDots size={18} stroke={1.7} aria-hidden />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {can("audit_read") && (
              <Menu.Item component={Link} to="/admin" search={{ tab: "audit", patient: patient.patient_id } as never}>
                {t("whoLooked")}
              </Menu.Item>
            )}
            {can("patient_delete") && (
              <Menu.Item color="red" onClick={() => void erase()}>
                {t("delete")}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
    </Group>
  );
}
