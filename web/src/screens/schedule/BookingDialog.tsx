/** Books an appointment, or a weekly series of them; finds the next free time; says at once what is in the way. */
import {
  Alert,
  Button,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Textarea,
  TextInput,
  type TextInputProps,
} from "@mantine/core";
import { IconCalendarSearch } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Answer, useApiMutation, useApiQuery } from "@/api/query";
import { addDays } from "@/lib/time";
import { Dialog } from "@/ui/Dialog";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { useCan } from "@/ui/session";
import { done } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import { inTheWay } from "./conflict";
import { FreeSlots } from "./FreeSlots";
import { collision, type Schedule } from "./layout";
import { PatientPicker } from "./PatientPicker";
import classes from "./schedule.module.css";

/** What is known of a booking before anybody has typed. */
export interface Proposal {
  day?: string | undefined;
  time?: string | undefined;
  provider?: number | undefined;
  minutes?: number | undefined;
  patient?: number | undefined;
}

type SeriesResult = Answer<"/api/appointments/schedule", "post">;

interface BookingDialogProps {
  proposal: Proposal;
  schedule: Schedule;
  onClose: () => void;
  onBooked: (day: string) => void;
}

const INVALIDATES = ["/api/schedule", "/api/board", "/api/appointments", "/api/slots", "/api/patients/{patient_id}"];

/** Fields that are beside each other begin at the same height. */
const HINT_BELOW = ["label", "input", "description", "error"] satisfies TextInputProps["inputWrapperOrder"];

export default function BookingDialog({ proposal, schedule, onClose, onBooked }: BookingDialogProps) {
  const { t } = useTranslation("schedule");
  const time = useTime();
  const can = useCan();
  const [isSearching, search] = useState(false);
  const [series, setSeries] = useState<SeriesResult | null>(null);
  const services = useApiQuery("/api/fee-schedule", { query: { per_page: 100, is_active: true } });
  const book = useApiMutation("post", "/api/appointments", { invalidates: INVALIDATES });
  const bookSeries = useApiMutation("post", "/api/appointments/schedule", { invalidates: INVALIDATES });
  const required = (value: unknown) => (value ? null : t("common:problem.required"));
  const { form, onSubmit, busy, problem, setProblem } = useApiForm({
    initialValues: {
      patient_id: proposal.patient ?? (null as number | null),
      provider_user_id: String(proposal.provider ?? schedule.doctors[0]?.user_id ?? ""),
      date: proposal.day ?? time.today(),
      time: proposal.time ?? "",
      minutes: proposal.minutes ?? schedule.slot_minutes,
      service_id: "",
      department: "",
      reason: "",
      notes: "",
      weeks: 1,
    },
    validate: {
      patient_id: required,
      provider_user_id: required,
      date: required,
      time: (value, { date }) => {
        if (!value) return t("common:problem.required");
        return date && time.instantOf(date, value).is === "skipped" ? t("skipped") : null;
      },
    },
    fieldOf: (field) => (field.startsWith("scheduled_start") ? "time" : field === "scheduled_end" ? "minutes" : field),
    submit: async (values) => {
      const bodies = Array.from({ length: Number(values.weeks) || 1 }, (_, week) =>
        bodyOf(addDays(values.date, week * 7)),
      );
      const [body] = bodies;
      if (bodies.length === 1 && body) {
        const { appointment } = await book.mutateAsync({ body });
        done(t("booked", { reference: appointment.reference }));
      } else {
        const result = await bookSeries.mutateAsync({ body: { appointments: bodies, mode: "partial" } });
        if (result.created < bodies.length) return setSeries(result);
        done(t("bookedMany", { count: result.created }));
      }
      onBooked(values.date);
      onClose();
    },
  });
  const values = form.getValues();
  const spanOn = (day: string) => {
    const start = time.instantOf(day, values.time).instant;
    return {
      start: start.toISOString(),
      end: new Date(start.getTime() + Number(values.minutes) * 60_000).toISOString(),
    };
  };
  const bodyOf = (day: string) => {
    const { start, end } = spanOn(day);
    const text = (value: string) => value.trim() || null;
    return {
      patient_id: values.patient_id ?? 0,
      provider_user_id: Number(values.provider_user_id),
      scheduled_start: start,
      scheduled_end: end,
      service_id: values.service_id ? Number(values.service_id) : null,
      department: text(values.department),
      reason: text(values.reason),
      notes: text(values.notes),
    };
  };
  const provider = Number(values.provider_user_id);
  const foreseen =
    values.date && values.time ? collision(schedule.appointments, { provider, ...spanOn(values.date) }) : undefined;
  const refused = inTheWay(problem, time.range, t);
  const chooseService = (id: string | null) => {
    form.setFieldValue("service_id", id ?? "");
    const minutes = services.data?.services.find(({ service_id }) => String(service_id) === id)?.duration_minutes;
    if (minutes) form.setFieldValue("minutes", minutes);
  };
  if (series) return <Series result={series} onClose={onClose} />;
  return (
    <Dialog onClose={onClose} size="lg" title={t("bookTitle")} closeOnClickOutside={false}>
      <form onSubmit={onSubmit} noValidate>
        <Stack gap="md">
          {refused ? (
            <Alert color="red" role="alert" title={t("takenTitle")}>
              {refused}
            </Alert>
          ) : (
            <FormProblem problem={problem} />
          )}
          <PatientPicker
            value={values.patient_id}
            onChange={(patient) => form.setFieldValue("patient_id", patient)}
            error={form.errors.patient_id}
          />
          {can("patient_create") && values.patient_id === null && (
            <Link to="/patients/new" className={classes.small}>
              {t("newPatient")}
            </Link>
          )}
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
            <Select
              label={t("doctor")}
              allowDeselect={false}
              data={schedule.doctors.map(({ user_id, name }) => ({ value: String(user_id), label: name }))}
              {...form.getInputProps("provider_user_id")}
            />
            <Select
              label={t("service")}
              clearable
              searchable
              placeholder={t("usual")}
              data={(services.data?.services ?? []).map(({ service_id, description }) => ({
                value: String(service_id),
                label: description,
              }))}
              value={values.service_id || null}
              onChange={chooseService}
            />
            <TextInput type="date" label={t("day")} {...form.getInputProps("date")} />
            <TextInput type="time" label={t("time")} {...form.getInputProps("time")} />
            <NumberInput label={t("minutes")} min={5} max={480} step={5} {...form.getInputProps("minutes")} />
            {can("appointment_bulk") && (
              <NumberInput
                label={t("weeks")}
                description={t("weeksHint")}
                inputWrapperOrder={HINT_BELOW}
                min={1}
                max={52}
                {...form.getInputProps("weeks")}
              />
            )}
          </SimpleGrid>
          {foreseen && !refused && (
            <Alert color="yellow" role="status">
              {t("taken", {
                when: time.range(foreseen.scheduled_start, foreseen.scheduled_end),
                name: `${foreseen.patient.first_name} ${foreseen.patient.last_name}`,
              })}
            </Alert>
          )}
          <Button
            variant="default"
            w="fit-content"
            aria-expanded={isSearching}
            leftSection={<IconCalendarSearch size={16} stroke={1.7} aria-hidden />}
            onClick={() => search(!isSearching)}
          >
            {t("findFree")}
          </Button>
          {isSearching && (
            <FreeSlots
              from={values.date || time.today()}
              minutes={Number(values.minutes)}
              provider={provider}
              onChoose={(slot) => {
                setProblem(null);
                search(false);
                form.setValues({
                  provider_user_id: String(slot.provider_user_id),
                  date: time.dayOf(slot.start),
                  time: time.timeOf(slot.start),
                });
              }}
            />
          )}
          <TextInput label={t("reason")} maxLength={500} {...form.getInputProps("reason")} />
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
            <TextInput label={t("department")} maxLength={100} {...form.getInputProps("department")} />
            <Textarea
              label={t("notes")}
              description={t("notesHint")}
              inputWrapperOrder={HINT_BELOW}
              {...form.getInputProps("notes")}
            />
          </SimpleGrid>
          <Actions submit={t("book")} busy={busy} onCancel={onClose} />
        </Stack>
      </form>
    </Dialog>
  );
}

/** A series that did not fit as a whole: what is booked and what is not, a line each. */
function Series({ result, onClose }: { result: SeriesResult; onClose: () => void }) {
  const { t } = useTranslation("schedule");
  return (
    <Dialog onClose={onClose} title={t("seriesTitle")}>
      <p>{t("seriesResult", { count: result.created })}</p>
      <ol className={classes.results}>
        {result.results.map((row, at) => (
          <li key={at.toString()}>{row.appointment ? row.appointment.reference : (row.error ?? t("notBooked"))}</li>
        ))}
      </ol>
      <Group justify="end">
        <Button onClick={onClose}>{t("common:action.close")}</Button>
      </Group>
    </Dialog>
  );
}
