/** What the desk wants to know in a second: when they come, when they came, what they owe, whom to call. */
import { Anchor, SimpleGrid } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { formatMoney } from "@/lib/money";
import { Card } from "@/ui/Card";
import { useCan } from "@/ui/session";
import { useLocale, useTime } from "@/ui/useTime";
import classes from "../patients.module.css";
import type { TabProps } from "../tabs";

type Brief = NonNullable<TabProps["summary"]["appointments"]["last"]>;

export function Overview({ summary: { patient, appointments, unpaid } }: TabProps) {
  const { t } = useTranslation("patients");
  const language = useLocale();
  const can = useCan();
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
      <Card title={t("appointments")}>
        <dl className={classes.list}>
          <Row label={t("upcoming")}>
            {appointments.upcoming ? <When appointment={appointments.upcoming} /> : t("none")}
          </Row>
          <Row label={t("last")}>{appointments.last ? <When appointment={appointments.last} /> : t("none")}</Row>
          <Row label={t("noShows")}>{appointments.no_shows}</Row>
        </dl>
      </Card>
      {can("invoice_read") && (
        <Card title={t("owed")}>
          {unpaid.length === 0 ? (
            <p className={classes.plain}>{t("owesNothing")}</p>
          ) : (
            <ul className={classes.plain}>
              {unpaid.map(({ currency, amount, invoices }) => (
                <li key={currency}>
                  <strong>{formatMoney(amount, currency, language)}</strong> {t("inInvoices", { count: invoices })}
                </li>
              ))}
            </ul>
          )}
          <Anchor
            component={Link}
            to="/billing"
            search={{ tab: "invoices", patient: patient.patient_id } as never}
            size="sm"
          >
            {t("theirInvoices")}
          </Anchor>
        </Card>
      )}
      <Card title={t("contact")}>
        <dl className={classes.list}>
          <Row label={t("phone")}>{patient.phone ?? "–"}</Row>
          <Row label={t("email")}>{patient.email ?? "–"}</Row>
          <Row label={t("address")}>{patient.address ?? "–"}</Row>
          <Row label={t("language")}>{patient.preferred_language ?? "–"}</Row>
        </dl>
      </Card>
      <Card title={t("emergency")}>
        <dl className={classes.list}>
          <Row label={t("name")}>{patient.emergency_contact_name ?? "–"}</Row>
          <Row label={t("phone")}>
            {patient.emergency_contact_phone ? (
              <Anchor href={`tel:${patient.emergency_contact_phone.replace(/[^+\d]/g, "")}`}>
                {patient.emergency_contact_phone}
              </Anchor>
            ) : (
              "–"
            )}
          </Row>
        </dl>
      </Card>
      <Card title={t("numbers")}>
        <dl className={classes.list}>
          <Row label={t("externalReference")}>{patient.external_reference ?? "–"}</Row>
          {patient.national_id !== undefined && <Row label={t("nationalId")}>{patient.national_id ?? "–"}</Row>}
          {patient.insurance_number !== undefined && (
            <Row label={t("insuranceNumber")}>{patient.insurance_number ?? "–"}</Row>
          )}
        </dl>
      </Card>
    </SimpleGrid>
  );
}

function Row({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function When({ appointment }: { appointment: Brief }) {
  const time = useTime();
  return (
    <>
      {time.dateTime(appointment.scheduled_start)}
      <br />
      <span className={classes.small}>
        {[appointment.provider_name, appointment.reason].filter(Boolean).join(" · ")}
      </span>
    </>
  );
}
