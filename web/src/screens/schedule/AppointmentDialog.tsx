/** One appointment: what it is, moving it, calling it off, answering a request. */
import { Alert, Button, Group, NumberInput, Select, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import { IconCalendarDown, IconId, IconStethoscope } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { download } from "@/api/client";
import { type Answer, useApiMutation, useApiQuery } from "@/api/query";
import { minutesBetween } from "@/lib/time";
import { useOpenVisit, visitStep } from "@/ui/clinical/useOpenVisit";
import { useConfirm } from "@/ui/confirm";
import { Dialog } from "@/ui/Dialog";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { useCan } from "@/ui/session";
import { QueryView } from "@/ui/states";
import { Tag } from "@/ui/Tag";
import { done, failed } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import type { Proposal } from "./BookingDialog";
import { inTheWay } from "./conflict";
import { collision, isFinal as isFinalState, type Appointment as Known, type Schedule } from "./layout";
import classes from "./schedule.module.css";

const PatientAllergies = lazy(() => import("@/ui/clinical/PatientAllergies"));

type Appointment = Answer<"/api/appointments/{appointment_id}">;

const INVALIDATES = ["/api/schedule", "/api/board", "/api/appointments", "/api/slots", "/api/patients/{patient_id}"];

interface AppointmentDialogProps {
  id: number;
  known: Known | undefined;
  schedule: Schedule;
  /** Where it was dragged to. */
  target?: Proposal | undefined;
  onClose: () => void;
}

export default function AppointmentDialog({ id, known, schedule, target, onClose }: AppointmentDialogProps) {
  const { t } = useTranslation("schedule");
  const query = useApiQuery("/api/appointments/{appointment_id}", { path: { appointment_id: id } });
  const title = known ? `${known.patient.first_name} ${known.patient.last_name}` : t("appointment");
  return (
    <Dialog onClose={onClose} size="lg" title={title}>
      <QueryView query={query}>
        {(appointment) => (
          <Details
            key={appointment.version}
            appointment={appointment}
            schedule={schedule}
            target={target}
            onClose={onClose}
          />
        )}
      </QueryView>
    </Dialog>
  );
}

interface DetailsProps {
  appointment: Appointment;
  schedule: Schedule;
  target: Proposal | undefined;
  onClose: () => void;
}

function Details({ appointment, schedule, target, onClose }: DetailsProps) {
  const { t } = useTranslation("schedule");
  const time = useTime();
  const can = useCan();
  const [isCancelling, cancel] = useState(false);
  const isFinal = isFinalState(appointment);
  const confirm = useConfirm();
  const openVisit = useOpenVisit();
  const step = visitStep(appointment.status);
  const askForLate = () =>
    confirm({ title: t("visit.lateTitle"), body: t("visit.lateBody"), action: t("visit.start") });
  const params = { path: { appointment_id: appointment.appointment_id } };
  const accept = useApiMutation("put", "/api/appointments/{appointment_id}/accept", { invalidates: INVALIDATES });
  const update = useApiMutation("put", "/api/appointments/{appointment_id}", { invalidates: INVALIDATES });
  const run = async (work: () => Promise<unknown>, said: string) => {
    try {
      await work();
      done(said);
      onClose();
    } catch (error) {
      failed(error, t);
    }
  };
  const calendar = () =>
    download(`/api/appointments/${appointment.appointment_id}/calendar.ics`, `${appointment.reference}.ics`).catch(
      (error: unknown) => failed(error, t),
    );
  return (
    <Stack gap="md">
      {can("chart_read") && (
        <Suspense>
          <PatientAllergies patientId={appointment.patient_id} />
        </Suspense>
      )}
      <dl className={classes.facts}>
        <div>
          <dt>{t("when")}</dt>
          <dd>
            {time.day(time.dayOf(appointment.scheduled_start), "weekday")},{" "}
            {time.range(appointment.scheduled_start, appointment.scheduled_end)}
          </dd>
        </div>
        <div>
          <dt>{t("doctor")}</dt>
          <dd>{appointment.provider_name}</dd>
        </div>
        <div>
          <dt>{t("state")}</dt>
          <dd>
            <Tag tone={isFinal ? "neutral" : "info"}>{t(`common:appointment.${appointment.status}`)}</Tag>
          </dd>
        </div>
        <div>
          <dt>{t("reference")}</dt>
          <dd>{appointment.reference}</dd>
        </div>
        {appointment.reason && (
          <div>
            <dt>{t("reason")}</dt>
            <dd>{appointment.reason}</dd>
          </div>
        )}
        {appointment.notes && (
          <div>
            <dt>{t("notes")}</dt>
            <dd>{appointment.notes}</dd>
          </div>
        )}
        {appointment.close_reason && (
          <div>
            <dt>{t("because")}</dt>
            <dd>{appointment.close_reason}</dd>
          </div>
        )}
      </dl>
      <Group gap="xs">
        {can("patient_read") && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconId size={15} stroke={1.7} aria-hidden />}
            component={Link}
            to={`/patients/${appointment.patient_id}` as never}
          >
            {t("openChart")}
          </Button>
        )}
        {step && can("chart_write") && (
          <Button
            size="xs"
            leftSection={<IconStethoscope size={15} stroke={1.7} aria-hidden />}
            onClick={() => void openVisit(appointment.appointment_id, appointment.status, askForLate)}
          >
            {t(`visit.${step}`)}
          </Button>
        )}
        <Button
          variant="default"
          size="xs"
          leftSection={<IconCalendarDown size={15} stroke={1.7} aria-hidden />}
          onClick={() => void calendar()}
        >
          {t("calendar")}
        </Button>
        {appointment.status === "pending" && can("appointment_decide") && (
          <Button size="xs" onClick={() => void run(() => accept.mutateAsync({ params }), t("accepted"))}>
            {t("accept")}
          </Button>
        )}
        {appointment.status === "scheduled" && can("appointment_flow") && (
          <Button
            size="xs"
            variant="default"
            onClick={() =>
              void run(
                () => update.mutateAsync({ params, body: { status: "confirmed" }, version: appointment.version }),
                t("confirmed"),
              )
            }
          >
            {t("confirm")}
          </Button>
        )}
        {!isFinal && can("appointment_cancel") && (
          <Button size="xs" variant="default" onClick={() => cancel(!isCancelling)} aria-expanded={isCancelling}>
            {t(appointment.status === "pending" ? "reject" : "cancel")}
          </Button>
        )}
      </Group>
      {isCancelling ? (
        <CancelForm appointment={appointment} onDone={onClose} onBack={() => cancel(false)} />
      ) : (
        !isFinal &&
        can("appointment_create") && (
          <MoveForm appointment={appointment} schedule={schedule} target={target} onDone={onClose} />
        )
      )}
      {(appointment.history ?? []).length > 0 && (
        <details className={classes.small}>
          <summary>{t("history")}</summary>
          <ul className={classes.results}>
            {(appointment.history ?? []).map((change) => (
              <li key={`${change.at} ${change.status}`}>
                {time.dateTime(change.at)} · {t(`common:appointment.${change.status}`)} {change.reason ?? ""}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Stack>
  );
}

function MoveForm({ appointment, schedule, target, onDone }: Omit<DetailsProps, "onClose"> & { onDone: () => void }) {
  const { t } = useTranslation("schedule");
  const time = useTime();
  const update = useApiMutation("put", "/api/appointments/{appointment_id}", { invalidates: INVALIDATES });
  const length = minutesBetween(appointment.scheduled_start, appointment.scheduled_end);
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: {
      provider_user_id: String(target?.provider ?? appointment.provider_user_id),
      date: target?.day ?? time.dayOf(appointment.scheduled_start),
      time: target?.time ?? time.timeOf(appointment.scheduled_start),
      minutes: target?.minutes ?? length,
      reason: appointment.reason ?? "",
      notes: appointment.notes ?? "",
    },
    validate: {
      date: (value) => (value ? null : t("common:problem.required")),
      time: (value, { date }) => {
        if (!value) return t("common:problem.required");
        return date && time.instantOf(date, value).is === "skipped" ? t("skipped") : null;
      },
    },
    fieldOf: (field) => (field.startsWith("scheduled_start") ? "time" : field === "scheduled_end" ? "minutes" : field),
    submit: async (values) => {
      const start = time.instantOf(values.date, values.time).instant;
      const end = new Date(start.getTime() + Number(values.minutes) * 60_000);
      await update.mutateAsync({
        params: { path: { appointment_id: appointment.appointment_id } },
        body: {
          provider_user_id: Number(values.provider_user_id),
          scheduled_start: start.toISOString(),
          scheduled_end: end.toISOString(),
          reason: values.reason.trim() || null,
          notes: values.notes.trim() || null,
        },
        version: appointment.version,
      });
      done(t("saved"));
      onDone();
    },
  });
  const refused = inTheWay(problem, time.range, t);
  const foreseen = useForeseen(schedule, form.getValues(), appointment.appointment_id);
  return (
    <form onSubmit={onSubmit} noValidate>
      <fieldset className={classes.group}>
        <legend>{t("change")}</legend>
        <Stack gap="sm">
          {refused ? (
            <Alert color="red" role="alert" title={t("takenTitle")}>
              {refused}
            </Alert>
          ) : (
            <FormProblem problem={problem} />
          )}
          {target && <p className={classes.small}>{t("dragged")}</p>}
          {foreseen && !refused && (
            <Alert color="yellow" role="status">
              {t("taken", {
                when: time.range(foreseen.scheduled_start, foreseen.scheduled_end),
                name: `${foreseen.patient.first_name} ${foreseen.patient.last_name}`,
              })}
            </Alert>
          )}
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            <TextInput type="date" label={t("day")} {...form.getInputProps("date")} />
            <TextInput type="time" label={t("time")} {...form.getInputProps("time")} />
            <NumberInput label={t("minutes")} min={5} max={480} step={5} {...form.getInputProps("minutes")} />
            <Select
              label={t("doctor")}
              allowDeselect={false}
              data={schedule.doctors.map(({ user_id, name }) => ({ value: String(user_id), label: name }))}
              {...form.getInputProps("provider_user_id")}
            />
            <TextInput label={t("reason")} maxLength={500} {...form.getInputProps("reason")} />
            <Textarea label={t("notes")} {...form.getInputProps("notes")} />
          </SimpleGrid>
          <Actions submit={t("common:action.save")} busy={busy} />
        </Stack>
      </fieldset>
    </form>
  );
}

interface Wanted {
  provider_user_id: string;
  date: string;
  time: string;
  minutes: number | string;
}

/** Who has the time already, as far as this screen knows. */
function useForeseen(schedule: Schedule, { provider_user_id, date, time: clock, minutes }: Wanted, except: number) {
  const time = useTime();
  if (!date || !clock) return undefined;
  const start = time.instantOf(date, clock).instant;
  const end = new Date(start.getTime() + Number(minutes) * 60_000);
  return collision(schedule.appointments, {
    provider: Number(provider_user_id),
    start: start.toISOString(),
    end: end.toISOString(),
    except,
  });
}

interface CancelFormProps {
  appointment: Appointment;
  onDone: () => void;
  onBack: () => void;
}

function CancelForm({ appointment, onDone, onBack }: CancelFormProps) {
  const { t } = useTranslation("schedule");
  const isRequest = appointment.status === "pending";
  const remove = useApiMutation("delete", "/api/appointments/{appointment_id}", { invalidates: INVALIDATES });
  const reject = useApiMutation("put", "/api/appointments/{appointment_id}/reject", { invalidates: INVALIDATES });
  const path = { appointment_id: appointment.appointment_id };
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: { reason: "" },
    validate: { reason: (value) => (value.trim() ? null : t("reasonMissing")) },
    submit: async ({ reason }) => {
      if (isRequest) await reject.mutateAsync({ params: { path }, body: { reason: reason.trim() } });
      else
        await remove.mutateAsync({ params: { path, query: { reason: reason.trim() } }, version: appointment.version });
      done(t(isRequest ? "rejected" : "cancelled"));
      onDone();
    },
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <fieldset className={classes.group}>
        <legend>{t(isRequest ? "reject" : "cancelTitle")}</legend>
        <FormProblem problem={problem} />
        <TextInput label={t("because")} data-autofocus maxLength={500} {...form.getInputProps("reason")} />
        <Actions submit={t(isRequest ? "reject" : "cancelTitle")} busy={busy} onCancel={onBack} danger />
      </fieldset>
    </form>
  );
}
