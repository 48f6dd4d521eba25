/** Everything about one appointment beside the board: who, when, why, what can be done, what is billed. */
import { Anchor, Button, Stack, Text, Title, useDirection } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import {
  IconCalendarEvent,
  IconFileInvoice,
  IconId,
  IconPhone,
  IconReceipt,
  IconSearchOff,
  IconStethoscope,
  IconTestPipe,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiMutation, useApiQuery } from "@/api/query";
import { formatMoney } from "@/lib/money";
import { visitStep } from "@/ui/clinical/useOpenVisit";
import { Drawer } from "@/ui/Drawer";
import { useCan } from "@/ui/session";
import { Loading, Message } from "@/ui/states";
import { Tag, type Tone } from "@/ui/Tag";
import { done, failed } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import { Provider } from "./AppointmentCard";
import type { BoardAppointment } from "./board";
import { useActions } from "./context";
import { fullName } from "./day";
import { nextOf, type Status } from "./lanes";
import classes from "./panel.module.css";
import { isEnding, STEP_ICONS, stepKey } from "./steps";
import { Timer } from "./Timer";
import { useGoToVisit } from "./useGoToVisit";

const BringReport = lazy(() => import("@/ui/labs/BringReport"));
const PatientAllergies = lazy(() => import("@/ui/clinical/PatientAllergies"));

/** The states in which there may be a visit. */
const VISITED: readonly Status[] = ["in_room", "in_scan", "review", "completed"];

export const TONES: Readonly<Record<Status, Tone>> = {
  pending: "accent",
  scheduled: "neutral",
  confirmed: "good",
  waiting: "warn",
  in_room: "info",
  in_scan: "info",
  review: "info",
  completed: "good",
  cancelled: "bad",
  no_show: "bad",
  rejected: "bad",
};

interface DetailPanelProps {
  /** `undefined`: it isn't of this day. */
  appointment: BoardAppointment | undefined;
  isOpen: boolean;
  close: () => void;
  onClosed: () => void;
}

export function DetailPanel({ appointment, isOpen, close, onClosed }: DetailPanelProps) {
  const { t } = useTranslation("today");
  return (
    <Side title={t("appointment")} isOpen={isOpen} close={close} onClosed={onClosed}>
      {appointment ? (
        <Detail appointment={appointment} />
      ) : (
        <Message icon={IconSearchOff} title={t("notToday")}>
          {t("notTodayHint")}
        </Message>
      )}
    </Side>
  );
}

interface SideProps {
  title: ReactNode;
  isOpen: boolean;
  close: () => void;
  onClosed?: () => void;
  children: ReactNode;
}

/** A panel at the end of the screen; the whole screen on a phone. */
export function Side({ title, isOpen, close, onClosed, children }: SideProps) {
  const { dir } = useDirection();
  const isPhone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  return (
    <Drawer
      opened={isOpen}
      onClose={close}
      position={dir === "rtl" ? "left" : "right"}
      size={isPhone ? "100%" : 420}
      title={title}
      overlayProps={{ backgroundOpacity: 0.15 }}
      transitionProps={{ duration: 120 }}
      onExitTransitionEnd={onClosed}
      styles={{ title: { fontWeight: 600 } }}
    >
      {children}
    </Drawer>
  );
}

function Detail({ appointment }: { appointment: BoardAppointment }) {
  const { t } = useTranslation("today");
  const time = useTime();
  const can = useCan();
  const { patient, service, status, reason, notes, department, close_reason, reference } = appointment;
  const facts: [string, ReactNode][] = [
    [
      t("fact.when"),
      <>
        {time.day(time.dayOf(appointment.scheduled_start), "weekday")},{" "}
        {time.range(appointment.scheduled_start, appointment.scheduled_end)}
      </>,
    ],
    [t("fact.provider"), <Provider key="provider" appointment={appointment} />],
    [t("fact.department"), department],
    [t("fact.reason"), reason],
    [t("fact.notes"), notes],
    [t("fact.closed"), close_reason],
    [
      t("fact.service"),
      service &&
        `${service.code} · ${service.description} · ${formatMoney(service.price, service.currency, time.language)}`,
    ],
    [t("fact.reference"), reference],
  ];
  return (
    <Stack gap="md">
      <div className={classes.head}>
        <Title order={3} size="h1">
          {fullName(appointment)}
        </Title>
        <div className={classes.line}>
          <span>{t("age", { count: time.age(patient.dob) })}</span>
          <span>{time.day(patient.dob, "numeric")}</span>
          <span>{t(`sex.${patient.sex}`)}</span>
          <span>{patient.mrn}</span>
        </div>
        <div className={classes.line}>
          {patient.phone && (
            <a className={classes.phone} href={`tel:${patient.phone.replace(/[^\d+]/g, "")}`}>
              <IconPhone size={15} stroke={1.8} aria-hidden />
              <span dir="ltr">{patient.phone}</span>
            </a>
          )}
          {patient.preferred_language && <span>{languageName(patient.preferred_language, time.language)}</span>}
        </div>
        <div className={classes.line}>
          <Tag tone={TONES[status]}>{t(`common:appointment.${status}`)}</Tag>
          <Timer appointment={appointment} />
        </div>
      </div>
      {can("chart_read") && (
        <Suspense>
          <PatientAllergies patientId={appointment.patient_id} />
        </Suspense>
      )}
      <Steps appointment={appointment} />
      <dl className={classes.facts}>
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <Fact key={name} name={name}>
              {value}
            </Fact>
          ))}
      </dl>
      <Billing appointment={appointment} />
      <Labs key={appointment.appointment_id} appointment={appointment} />
      <History appointment={appointment} />
      <Links appointment={appointment} />
    </Stack>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** The usual step first and strong, the endings last. */
function Steps({ appointment }: { appointment: BoardAppointment }) {
  const { t } = useTranslation("today");
  const { stepsOf, act } = useActions();
  const steps = stepsOf(appointment);
  const next = nextOf(appointment.status, steps);
  if (steps.length === 0) return null;
  const ordered = [...steps].sort(
    (a, b) => Number(b === next) - Number(a === next) || Number(isEnding(a)) - Number(isEnding(b)),
  );
  return (
    <div className={classes.buttons} role="group" aria-label={t("steps")}>
      {ordered.map((to) => {
        const Icon = STEP_ICONS[to];
        return (
          <Button
            key={to}
            size="compact-md"
            variant={to === next ? "filled" : "default"}
            leftSection={<Icon size={16} stroke={1.8} aria-hidden />}
            onClick={() => act(appointment, to)}
          >
            {t(`act.${stepKey(appointment.status, to)}`)}
          </Button>
        );
      })}
    </div>
  );
}

/** From what was done to its invoice in one touch. */
function Billing({ appointment }: { appointment: BoardAppointment }) {
  const { t } = useTranslation("today");
  const can = useCan();
  const id = useId();
  const create = useApiMutation("post", "/api/invoices", {
    invalidates: ["/api/board", "/api/invoices", "/api/cpt-records"],
  });
  const { invoice_id, status, appointment_id } = appointment;
  if (status !== "completed" || !can("invoice_read")) return null;
  const bill = async () => {
    try {
      const { invoice } = await create.mutateAsync({ body: { appointment_id } });
      done(t("billing.created", { number: invoice.number }));
    } catch (error) {
      failed(error, t);
    }
  };
  return (
    <section className={classes.section} aria-labelledby={id}>
      <h4 id={id} className={classes.sectionTitle}>
        {t("billing.title")}
      </h4>
      {invoice_id ? (
        <Anchor component={Link} to="/billing/$invoiceId" params={{ invoiceId: String(invoice_id) } as never} size="sm">
          <IconReceipt size={15} stroke={1.8} aria-hidden /> {t("billing.show")}
        </Anchor>
      ) : can("invoice_write") ? (
        <div>
          <Button
            loading={create.isPending}
            leftSection={<IconFileInvoice size={16} stroke={1.8} aria-hidden />}
            onClick={() => void bill()}
          >
            {t("billing.create")}
          </Button>
        </div>
      ) : (
        <Text size="sm" c="dimmed">
          {t("billing.none")}
        </Text>
      )}
    </section>
  );
}

/** For whoever brings what a laboratory found, also without a way into the chart. */
function Labs({ appointment: { appointment_id, status } }: { appointment: BoardAppointment }) {
  const { t } = useTranslation("today");
  const can = useCan();
  const id = useId();
  const [isBringing, bring] = useState(false);
  if (!can("lab_upload") || !VISITED.includes(status)) return null;
  return (
    <section className={classes.section} aria-labelledby={id}>
      <h4 id={id} className={classes.sectionTitle}>
        {t("labs.title")}
      </h4>
      <div>
        <Button
          variant="default"
          aria-expanded={isBringing}
          leftSection={<IconTestPipe size={16} stroke={1.8} aria-hidden />}
          onClick={() => bring((before) => !before)}
        >
          {t("labs.add")}
        </Button>
      </div>
      {isBringing && (
        <Suspense fallback={<Loading rows={2} />}>
          <BringReport appointmentId={appointment_id} />
        </Suspense>
      )}
    </section>
  );
}

/** The way through the house so far. It comes a moment later and nothing waits for it. */
function History({ appointment: { appointment_id, version } }: { appointment: BoardAppointment }) {
  const { t } = useTranslation("today");
  const time = useTime();
  const id = useId();
  const read = useApiQuery(
    "/api/appointments/{appointment_id}",
    { path: { appointment_id } },
    { placeholderData: undefined, staleTime: 0 },
  );
  const history = read.data?.appointment_id === appointment_id ? (read.data.history ?? []) : [];
  if (history.length === 0) return null;
  return (
    <section className={classes.section} aria-labelledby={id} data-version={version}>
      <h4 id={id} className={classes.sectionTitle}>
        {t("history")}
      </h4>
      <ol className={classes.history}>
        {history.map(({ status, at, reason }) => (
          <li key={`${status}${at}`}>
            <time dateTime={at}>{time.dayOf(at) === time.today() ? time.time(at) : time.dateTime(at)}</time>
            <span>{t(`common:appointment.${status}`)}</span>
            {reason && <Text span c="dimmed" inherit>{`“${reason}”`}</Text>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Links({ appointment }: { appointment: BoardAppointment }) {
  const { t } = useTranslation("today");
  const time = useTime();
  const can = useCan();
  const goToVisit = useGoToVisit();
  const { patient_id, appointment_id, scheduled_start, status } = appointment;
  const step = visitStep(status);
  return (
    <nav className={`${classes.section} ${classes.buttons}`} aria-label={t("goOn")}>
      {step && can("chart_write") && (
        <Button
          variant="default"
          leftSection={<IconStethoscope size={16} stroke={1.8} aria-hidden />}
          onClick={() => void goToVisit(appointment)}
        >
          {t(`visit.${step}`)}
        </Button>
      )}
      {can("patient_read") && (
        <Button
          variant="default"
          component={Link}
          to="/patients/$patientId"
          params={{ patientId: String(patient_id) } as never}
          leftSection={<IconId size={16} stroke={1.8} aria-hidden />}
        >
          {t("chart")}
        </Button>
      )}
      <Button
        variant="default"
        component={Link}
        to="/schedule"
        search={{ date: time.dayOf(scheduled_start), appointment: appointment_id } as never}
        leftSection={<IconCalendarEvent size={16} stroke={1.8} aria-hidden />}
      >
        {t("inSchedule")}
      </Button>
    </nav>
  );
}

function languageName(tag: string, language: string): string {
  try {
    return new Intl.DisplayNames(language, { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
