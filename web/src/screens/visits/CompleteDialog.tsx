/** Before a visit is completed: what it will be billed with, and what is still open. */
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { write } from "@/api/operations";
import { invalidate, useApiQuery } from "@/api/query";
import { formatMoney } from "@/lib/money";
import type { Visit } from "@/ui/clinical/types";
import { Dialog } from "@/ui/Dialog";
import { FormProblem } from "@/ui/form/FormProblem";
import { useCan } from "@/ui/session";
import { done } from "@/ui/toast";
import { useLocale } from "@/ui/useTime";
import { lineTotal, total } from "./charges";
import type { VisitChanges } from "./useVisit";
import classes from "./visits.module.css";

interface CompleteDialogProps {
  visit: Visit;
  changes: VisitChanges;
  onClose: () => void;
}

const READS = [
  "/api/visits",
  "/api/board",
  "/api/schedule",
  "/api/appointments",
  "/api/cpt-records",
  "/api/patients/{patient_id}",
];

export default function CompleteDialog({ visit, changes, onClose }: CompleteDialogProps) {
  const { t } = useTranslation("visits");
  const language = useLocale();
  const can = useCan();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [isDone, finish] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const { visit_id, appointment_id, procedures, diagnoses } = visit;
  const booked = useApiQuery("/api/appointments/{appointment_id}", { path: { appointment_id } });
  const written = useApiQuery("/api/prescriptions", { query: { visit_id } });
  const services = useApiQuery("/api/fee-schedule", { query: { is_active: true, per_page: 100 } });
  const sum = total(procedures);
  const serviceId = booked.data?.service_id;
  const service =
    services.data?.services.find((one) => (serviceId ? one.service_id === serviceId : one.is_default)) ?? null;
  const drafts = written.data?.prescriptions.filter(({ status }) => status === "draft") ?? [];
  const open = [
    diagnoses.length === 0 ? t("open.diagnosis") : null,
    drafts.length > 0 ? t("open.prescription") : null,
    visit.assessment || visit.plan || visit.subjective || visit.objective ? null : t("open.note"),
  ].filter((one) => one !== null);
  // The button that was pressed is gone by then.
  const next = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (isDone) next.current?.focus();
  }, [isDone]);
  const complete = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const params = { path: { visit_id } };
      await changes.send((version) => write("put", "/api/visits/{visit_id}/complete", { params, version }));
      await invalidate(client, READS);
      done(t("completed", { reference: visit.reference }));
      finish(true);
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog onClose={onClose} title={t(isDone ? "completedTitle" : "completeTitle")}>
      {isDone ? (
        <Stack gap="sm">
          <Text>{t("completedBody")}</Text>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t("stay")}
            </Button>
            {can("invoice_read") && can("invoice_write") && (
              <Button variant="default" component={Link} to={"/billing" as never}>
                {t("toBilling")}
              </Button>
            )}
            <Button ref={next} component={Link} to={"/today" as never}>
              {t("toBoard")}
            </Button>
          </Group>
        </Stack>
      ) : (
        <Stack gap="sm">
          <FormProblem problem={problem} />
          {open.length > 0 && (
            <Alert color="yellow" title={t("open.title")}>
              <ul className={classes.plain}>
                {open.map((one) => (
                  <li key={one}>{one}</li>
                ))}
              </ul>
            </Alert>
          )}
          <Text fw={600}>{t("willBeBilled")}</Text>
          {procedures.length > 0 ? (
            <ul className={classes.bill}>
              {procedures.map((line) => (
                <li key={line.line_no}>
                  <span>
                    {line.units > 1 && `${line.units} × `}
                    {line.code} · {line.description} {line.modifiers.join(" ")}
                  </span>
                  <span>{formatMoney(lineTotal(line), line.currency, language)}</span>
                </li>
              ))}
              {sum && (
                <li>
                  <strong>{t("total")}</strong>
                  <strong>{formatMoney(sum.amount, sum.currency, language)}</strong>
                </li>
              )}
            </ul>
          ) : service ? (
            <ul className={classes.bill}>
              <li>
                <span>
                  {service.code} · {service.description} <span className={classes.small}>{t("asBooked")}</span>
                </span>
                <span>{formatMoney(service.price, service.currency, language)}</span>
              </li>
            </ul>
          ) : (
            <Text size="sm" c="dimmed">
              {t("nothingBilled")}
            </Text>
          )}
          <Text size="sm" c="dimmed">
            {t("afterwards")}
          </Text>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t("common:action.cancel")}
            </Button>
            <Button data-autofocus loading={busy} onClick={() => void complete()}>
              {t("complete")}
            </Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}
