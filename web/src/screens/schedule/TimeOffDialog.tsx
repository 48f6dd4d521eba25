/** Time off, from the schedule: whole days or hours of one; what is booked in it is said, and what was noted can be ended. */
import { ActionIcon, Alert, Group, Select, SimpleGrid, Stack, Switch, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useApiMutation, useApiQuery } from "@/api/query";
import { Dialog } from "@/ui/Dialog";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { QueryView } from "@/ui/states";
import { done, failed, undoable } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import { type Doctor, isOver, type Schedule, type TimeOff } from "./layout";
import classes from "./schedule.module.css";

const INVALIDATES = ["/api/schedule", "/api/slots", "/api/doctors/{doctor_id}"];

interface TimeOffDialogProps {
  /** Whose time off this person may change. */
  doctors: readonly Doctor[];
  doctor: number;
  day: string;
  schedule: Schedule;
  onClose: () => void;
}

export default function TimeOffDialog({ doctors, doctor, day, schedule, onClose }: TimeOffDialogProps) {
  const { t } = useTranslation("schedule");
  const time = useTime();
  const add = useApiMutation("post", "/api/doctors/{doctor_id}/time-off", { invalidates: INVALIDATES });
  const required = (value: string) => (value ? null : t("common:problem.required"));
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: {
      doctor: String(doctor),
      from: day,
      to: day,
      whole: true,
      opens: "12:00",
      closes: "13:00",
      reason: "",
    },
    validate: {
      from: required,
      to: (value, { from, whole }) => (!whole || (value && value >= from) ? null : t("endBeforeStart")),
      opens: (value, { whole }) => (whole ? null : required(value)),
      closes: (value, { whole, opens }) => (whole || value > opens ? null : t("endBeforeStart")),
    },
    fieldOf: (field) => (field === "start" ? "from" : field === "end" ? "to" : field),
    submit: async (values) => {
      await add.mutateAsync({
        params: { path: { doctor_id: Number(values.doctor) } },
        body: { ...spanOf(values, time), reason: values.reason.trim() || null },
      });
      done(t("timeOffAdded"));
      onClose();
    },
  });
  const values = form.getValues();
  const inside = bookedIn(schedule, Number(values.doctor), values.from && values.to ? spanOf(values, time) : null);
  return (
    <Dialog onClose={onClose} size="lg" title={t("timeOff")}>
      <form onSubmit={onSubmit} noValidate>
        <Stack gap="md">
          <FormProblem problem={problem} />
          <Select
            label={t("whose")}
            allowDeselect={false}
            data={doctors.map(({ user_id, name }) => ({ value: String(user_id), label: name }))}
            {...form.getInputProps("doctor")}
          />
          <Switch label={t("wholeDays")} {...form.getInputProps("whole", { type: "checkbox" })} />
          <SimpleGrid cols={{ base: 1, xs: values.whole ? 2 : 3 }} spacing="md">
            <TextInput type="date" label={t(values.whole ? "firstDay" : "day")} {...form.getInputProps("from")} />
            {values.whole ? (
              <TextInput type="date" label={t("lastDay")} {...form.getInputProps("to")} />
            ) : (
              <>
                <TextInput type="time" label={t("fromTime")} {...form.getInputProps("opens")} />
                <TextInput type="time" label={t("toTime")} {...form.getInputProps("closes")} />
              </>
            )}
          </SimpleGrid>
          <TextInput label={t("reason")} maxLength={500} {...form.getInputProps("reason")} />
          {inside > 0 && (
            <Alert color="yellow" role="status">
              {t("bookedInside", { count: inside })}
            </Alert>
          )}
          <Actions submit={t("addTimeOff")} busy={busy} onCancel={onClose} />
        </Stack>
      </form>
      <Noted doctor={Number(values.doctor)} />
    </Dialog>
  );
}

interface Period {
  from: string;
  to: string;
  whole: boolean;
  opens: string;
  closes: string;
}

function spanOf({ from, to, whole, opens, closes }: Period, time: ReturnType<typeof useTime>) {
  const at = (day: string, clock: string) => time.instantOf(day, clock).instant.toISOString();
  return whole
    ? { start: at(from, "00:00"), end: at(time.nextDay(to), "00:00") }
    : { start: at(from, opens || "00:00"), end: at(from, closes || "00:00") };
}

/** How many appointments lie in the period, of those that this screen shows. */
function bookedIn(schedule: Schedule, doctor: number, span: { start: string; end: string } | null): number {
  if (span === null) return 0;
  const [from, to] = [Date.parse(span.start), Date.parse(span.end)];
  return schedule.appointments.filter(
    (each) =>
      each.provider_user_id === doctor &&
      !isOver(each) &&
      Date.parse(each.scheduled_start) < to &&
      Date.parse(each.scheduled_end) > from,
  ).length;
}

/** What is noted and not over. */
function Noted({ doctor }: { doctor: number }) {
  const { t } = useTranslation("schedule");
  const time = useTime();
  const params = { path: { doctor_id: doctor } };
  const query = useApiQuery("/api/doctors/{doctor_id}/availability", params, { placeholderData: undefined as never });
  const add = useApiMutation("post", "/api/doctors/{doctor_id}/time-off", { invalidates: INVALIDATES });
  const remove = useApiMutation("delete", "/api/doctors/{doctor_id}/time-off/{time_off_id}", {
    invalidates: INVALIDATES,
  });
  const end = async ({ time_off_id, start, end, reason }: TimeOff) => {
    try {
      await remove.mutateAsync({ params: { path: { doctor_id: doctor, time_off_id } } });
      const again = () => add.mutateAsync({ params, body: { start, end, reason } }).catch((error) => failed(error, t));
      undoable(t("timeOffEnded"), again, t);
    } catch (error) {
      failed(error, t);
    }
  };
  return (
    <fieldset className={`${classes.group} ${classes.after}`}>
      <legend>{t("noted")}</legend>
      <QueryView
        query={query}
        isEmpty={({ time_off }) => time_off.length === 0}
        empty={<p className={classes.small}>{t("noneNoted")}</p>}
      >
        {({ time_off }) => (
          <ul className={classes.plain}>
            {time_off.map((off) => (
              <li key={off.time_off_id}>
                <Group justify="space-between" wrap="nowrap" gap="xs">
                  <span>
                    {time.dateTime(off.start)} – {time.dateTime(off.end)}
                    {off.reason && ` · ${off.reason}`}
                  </span>
                  <ActionIcon
                    aria-label={t("endTimeOff", { from: time.dateTime(off.start) })}
                    disabled={remove.isPending}
                    onClick={() => void end(off)}
                  >
                    <IconX size={16} stroke={1.7} aria-hidden />
                  </ActionIcon>
                </Group>
              </li>
            ))}
          </ul>
        )}
      </QueryView>
    </fieldset>
  );
}
