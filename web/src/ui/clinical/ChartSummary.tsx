/** What a doctor must know before walking in, on one page: what is dangerous, what is wrong, what is taken, how it goes. */
import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Card } from "@/ui/Card";
import { Tag } from "@/ui/Tag";
import { useTime } from "@/ui/useTime";
import classes from "./clinical.module.css";
import { RecordSection } from "./RecordSection";
import { bySeverity } from "./records";
import type { Chart, VisitSummary } from "./types";
import { VitalsCard } from "./VitalsCard";

interface ChartSummaryProps {
  chart: Chart;
  /** The visit that is being written: its entries belong to it, and it isn't listed. */
  visitId?: number | null;
  /** One narrow column beside something else. */
  narrow?: boolean;
}

export function ChartSummary({ chart, visitId = null, narrow = false }: ChartSummaryProps) {
  const { t } = useTranslation("clinical");
  const time = useTime();
  const patientId = chart.patient.patient_id;
  const of = { patientId, visitId };
  return (
    <div className={classes.summary} data-narrow={narrow || undefined}>
      <div>
        <RecordSection kind="allergy" {...of} entries={[...chart.allergies].sort(bySeverity)} />
        <RecordSection kind="condition" {...of} entries={chart.problems} />
        <RecordSection kind="medication" {...of} entries={chart.medications} />
      </div>
      <div>
        {chart.unsigned_reports.length > 0 && <Unsigned reports={chart.unsigned_reports} />}
        <VitalsCard patientId={patientId} chart={chart} readOnly={narrow} />
        <RecordSection
          kind="immunization"
          {...of}
          entries={chart.immunizations}
          most={5}
          lead={
            chart.immunizations_due.length > 0 && (
              <ul className={classes.due}>
                {chart.immunizations_due.map(({ record_id, name, due_on }) => (
                  <li key={record_id}>
                    <Tag tone="warn">{t("due", { name, day: time.day(due_on, "medium") })}</Tag>
                  </li>
                ))}
              </ul>
            )
          }
        />
      </div>
      <div>
        <LastVisits visits={chart.visits.filter(({ visit_id }) => visit_id !== visitId)} />
        {!narrow && <Booked appointments={chart.appointments} />}
        <RecordSection kind="note" {...of} entries={chart.notes} most={3} />
      </div>
    </div>
  );
}

/** What laboratories reported and nobody has signed, the worst first. */
function Unsigned({ reports }: { reports: Chart["unsigned_reports"] }) {
  const { t } = useTranslation("clinical");
  const time = useTime();
  return (
    <Card className={classes.section} title={t("unsigned")}>
      <ul className={classes.entries}>
        {reports.map(({ lab_report_id, title, is_abnormal, is_critical, created_at }) => (
          <li key={lab_report_id} className={classes.entry}>
            <div className={classes.entryText}>
              <Anchor
                component={Link}
                to="/results"
                search={{ show: "all", report: lab_report_id } as never}
                className={classes.entryName}
              >
                {title}
              </Anchor>{" "}
              {is_critical ? (
                <Tag tone="bad">{t("labs:critical")}</Tag>
              ) : (
                is_abnormal && <Tag tone="warn">{t("labs:flag.abnormal")}</Tag>
              )}
              <p className={classes.small}>{time.dateTime(created_at)}</p>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function LastVisits({ visits }: { visits: readonly VisitSummary[] }) {
  const { t } = useTranslation("clinical");
  const time = useTime();
  return (
    <Card className={classes.section} title={t("lastVisits")}>
      {visits.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("nothing.visit")}
        </Text>
      ) : (
        <ul className={classes.entries}>
          {visits.map((visit) => (
            <li key={visit.visit_id} className={classes.entry}>
              <div className={classes.entryText}>
                <Anchor
                  component={Link}
                  to="/visits/$visitId"
                  params={{ visitId: String(visit.visit_id) } as never}
                  className={classes.entryName}
                >
                  {time.day(time.dayOf(visit.started_at), "medium")}
                </Anchor>
                {visit.status === "in_progress" && <Tag tone="info">{t("visitStatus.in_progress")}</Tag>}
                <p className={classes.small}>{visit.provider_name}</p>
                <p>
                  {visit.diagnoses
                    .map(({ code, description }) => [code, description].filter(Boolean).join(" "))
                    .join("; ")}
                </p>
                {visit.assessment && <p className={classes.clamp}>{visit.assessment}</p>}
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Booked({ appointments }: { appointments: Chart["appointments"] }) {
  const { t } = useTranslation("clinical");
  const time = useTime();
  return (
    <Card className={classes.section} title={t("booked")}>
      {appointments.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("nothing.appointment")}
        </Text>
      ) : (
        <ul className={classes.entries}>
          {appointments.map((one) => (
            <li key={one.appointment_id} className={classes.entry}>
              <div className={classes.entryText}>
                <span className={classes.entryName}>{time.dateTime(one.scheduled_start)}</span>
                <p className={classes.small}>{[one.provider_name, one.reason].filter(Boolean).join(" · ")}</p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
