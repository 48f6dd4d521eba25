/** Those who can be booked: their profile, hours, days that differ, and time off. */
import { ActionIcon, Button, Group, SimpleGrid, Stack, Switch, TextInput } from "@mantine/core";
import { IconCalendarOff, IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Answer, useApiMutation, useApiQuery } from "@/api/query";
import { Card } from "@/ui/Card";
import { DataTable } from "@/ui/DataTable";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { entries, fault, WEEKDAYS, type Week } from "@/ui/hours/hours";
import { WeekHours } from "@/ui/hours/WeekHours";
import { Modal } from "@/ui/Modal";
import { useCan } from "@/ui/session";
import { Message, QueryView } from "@/ui/states";
import { Tag } from "@/ui/Tag";
import { done, failed } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import classes from "./admin.module.css";

type Doctor = Answer<"/api/doctors">["doctors"][number];
type Availability = Answer<"/api/doctors/{doctor_id}/availability">;
type Exception = Availability["exceptions"][number];

const invalidates = ["/api/doctors", "/api/schedule", "/api/slots"] as const;

export function Doctors() {
  const { t } = useTranslation("admin");
  const [open, setOpen] = useState<Doctor | null>(null);
  const query = useApiQuery("/api/doctors", { query: { per_page: 100 } });
  return (
    <>
      <QueryView
        query={query}
        isEmpty={(data) => data.doctors.length === 0}
        empty={<Message icon={IconCalendarOff} title={t("noDoctors")} />}
      >
        {(data) => (
          <DataTable
            label={t("tab.doctors")}
            rows={data.doctors}
            rowKey={({ doctor_id }) => doctor_id}
            onOpen={setOpen}
            columns={[
              {
                key: "name",
                label: t("name"),
                cell: (doctor) => (
                  <button type="button" className={classes.link} onClick={() => setOpen(doctor)}>
                    {doctor.first_name} {doctor.last_name}
                  </button>
                ),
              },
              { key: "specialty", label: t("specialization"), cell: ({ specialization }) => specialization ?? "–" },
              {
                key: "number",
                label: t("registrationNumber"),
                wideOnly: true,
                cell: ({ registration_number }) => registration_number ?? "–",
              },
              {
                key: "state",
                label: t("state"),
                cell: ({ is_active, is_public }) => (
                  <span className={classes.tags}>
                    <Tag tone={is_active ? "good" : "neutral"}>{t(is_active ? "bookable" : "notBookable")}</Tag>
                    {!is_public && <Tag tone="info">{t("hidden")}</Tag>}
                  </span>
                ),
              },
            ]}
          />
        )}
      </QueryView>
      <Modal
        opened={open !== null}
        onClose={() => setOpen(null)}
        size="xl"
        title={open && `${open.first_name} ${open.last_name}`}
      >
        {open && <DoctorDetails doctor={open} />}
      </Modal>
    </>
  );
}

function DoctorDetails({ doctor }: { doctor: Doctor }) {
  const can = useCan();
  const query = useApiQuery("/api/doctors/{doctor_id}/availability", { path: { doctor_id: doctor.doctor_id } });
  return (
    <Stack gap="md">
      {can("staff_manage") && <ProfileForm doctor={doctor} />}
      <QueryView query={query}>
        {(availability) => (
          <>
            <HoursForm key={JSON.stringify(availability.weekly)} availability={availability} />
            <TimeOff availability={availability} />
          </>
        )}
      </QueryView>
    </Stack>
  );
}

function ProfileForm({ doctor }: { doctor: Doctor }) {
  const { t } = useTranslation("admin");
  const update = useApiMutation("put", "/api/doctors/{doctor_id}", { invalidates });
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: {
      specialization: doctor.specialization ?? "",
      registration_number: doctor.registration_number ?? "",
      is_public: doctor.is_public ?? true,
      is_active: doctor.is_active ?? true,
    },
    submit: async ({ specialization, registration_number, ...switches }) => {
      await update.mutateAsync({
        params: { path: { doctor_id: doctor.doctor_id } },
        body: {
          specialization: specialization.trim() || null,
          registration_number: registration_number.trim() || null,
          ...switches,
        },
        version: doctor.version ?? null,
      });
      done(t("saved"));
    },
  });
  return (
    <Card title={t("profile")}>
      <form onSubmit={onSubmit} noValidate>
        <Stack gap="sm">
          <FormProblem problem={problem} />
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            <TextInput label={t("specialization")} {...form.getInputProps("specialization")} />
            <TextInput label={t("registrationNumber")} {...form.getInputProps("registration_number")} />
          </SimpleGrid>
          <Switch label={t("isPublic")} {...form.getInputProps("is_public", { type: "checkbox" })} />
          <Switch label={t("isBookable")} {...form.getInputProps("is_active", { type: "checkbox" })} />
          <Actions submit={t("common:action.save")} busy={busy} />
        </Stack>
      </form>
    </Card>
  );
}

/** The weekly hours that hold without an end; those of a period are kept as they are. */
function weekOf({ weekly }: Availability): Week {
  return WEEKDAYS.map((name, index) =>
    weekly
      .filter(
        ({ weekday, valid_from, valid_to }) => (weekday === name || weekday === index + 1) && !valid_from && !valid_to,
      )
      .map(({ start, end }) => ({ start, end })),
  );
}

function HoursForm({ availability }: { availability: Availability }) {
  const { t } = useTranslation("admin");
  const mayWrite = useCan()("availability_write");
  const [week, setWeek] = useState<Week>(() => weekOf(availability));
  const [exceptions, setExceptions] = useState<readonly Exception[]>(availability.exceptions);
  const save = useApiMutation("put", "/api/doctors/{doctor_id}/availability", { invalidates });
  const limited = availability.weekly.filter(({ valid_from, valid_to }) => valid_from || valid_to);
  const isWrong = week.some((day) => fault(day) !== null) || exceptions.some(({ date }) => !date);
  const send = async () => {
    try {
      await save.mutateAsync({
        params: { path: { doctor_id: availability.doctor_id } },
        body: { weekly: [...entries(week), ...limited], exceptions: [...exceptions] },
        version: availability.version,
      });
      done(t("hoursSaved"));
    } catch (error) {
      failed(error, t);
    }
  };
  const change = (at: number, part: Partial<Exception>) =>
    setExceptions(exceptions.map((each, place) => (place === at ? { ...each, ...part } : each)));
  return (
    <Card title={t("hoursTitle")}>
      <Stack gap="md">
        <WeekHours week={week} onChange={setWeek} />
        <fieldset className={classes.group}>
          <legend>{t("exceptions")}</legend>
          <p className={classes.hint}>{t("exceptionsHint")}</p>
          {exceptions.map((each, at) => (
            <Group key={at.toString()} gap="xs" align="end" mt="xs">
              <TextInput
                type="date"
                label={t("day")}
                value={each.date}
                onChange={(event) => change(at, { date: event.currentTarget.value })}
              />
              <TextInput
                type="time"
                label={t("opens")}
                value={each.start ?? ""}
                onChange={(event) => change(at, { start: event.currentTarget.value || null })}
              />
              <TextInput
                type="time"
                label={t("closes")}
                value={each.end ?? ""}
                onChange={(event) => change(at, { end: event.currentTarget.value || null })}
              />
              <TextInput
                label={t("reason")}
                value={each.reason ?? ""}
                onChange={(event) => change(at, { reason: event.currentTarget.value || null })}
              />
              <ActionIcon
                aria-label={t("removeException", { day: each.date })}
                onClick={() => setExceptions(exceptions.filter((_, place) => place !== at))}
              >
                <IconX size={16} stroke={1.7} aria-hidden />
              </ActionIcon>
            </Group>
          ))}
          <Button
            variant="subtle"
            size="xs"
            mt="xs"
            leftSection={<IconPlus size={15} stroke={1.7} aria-hidden />}
            onClick={() => setExceptions([...exceptions, { date: "", start: null, end: null, reason: null }])}
          >
            {t("addException")}
          </Button>
        </fieldset>
        {mayWrite && (
          <Group justify="end">
            <Button disabled={isWrong} loading={save.isPending} onClick={() => void send()}>
              {t("saveHours")}
            </Button>
          </Group>
        )}
      </Stack>
    </Card>
  );
}

function TimeOff({ availability }: { availability: Availability }) {
  const { t } = useTranslation("admin");
  const time = useTime();
  const mayWrite = useCan()("availability_write");
  const add = useApiMutation("post", "/api/doctors/{doctor_id}/time-off", { invalidates });
  const remove = useApiMutation("delete", "/api/doctors/{doctor_id}/time-off/{time_off_id}", { invalidates });
  const doctor_id = availability.doctor_id;
  const required = (value: string) => (value ? null : t("common:problem.required"));
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: { from: "", to: "", reason: "" },
    validate: {
      from: required,
      to: (value, { from }) => (value && value >= from ? null : t("endBeforeStart")),
    },
    fieldOf: (field) => (field === "start" ? "from" : field === "end" ? "to" : field),
    submit: async ({ from, to, reason }) => {
      const start = time.instantOf(from, "00:00").instant.toISOString();
      const end = time.instantOf(time.nextDay(to), "00:00").instant.toISOString();
      await add.mutateAsync({ params: { path: { doctor_id } }, body: { start, end, reason: reason.trim() || null } });
      form.reset();
      done(t("timeOffAdded"));
    },
  });
  return (
    <Card title={t("timeOff")}>
      <Stack gap="sm">
        {availability.time_off.length === 0 && <p className={classes.hint}>{t("noTimeOff")}</p>}
        {availability.time_off.map((off) => (
          <Group key={off.time_off_id} justify="space-between" wrap="nowrap">
            <span>
              {time.dateTime(off.start)} – {time.dateTime(off.end)}
              {off.reason && ` · ${off.reason}`}
            </span>
            {mayWrite && (
              <ActionIcon
                aria-label={t("removeTimeOff", { from: time.dateTime(off.start) })}
                onClick={() =>
                  void remove
                    .mutateAsync({ params: { path: { doctor_id, time_off_id: off.time_off_id } } })
                    .catch((error: unknown) => failed(error, t))
                }
              >
                <IconX size={16} stroke={1.7} aria-hidden />
              </ActionIcon>
            )}
          </Group>
        ))}
        {mayWrite && (
          <form onSubmit={onSubmit} noValidate>
            <FormProblem problem={problem} />
            <Group align="end" gap="sm">
              <TextInput type="date" label={t("firstDay")} {...form.getInputProps("from")} />
              <TextInput type="date" label={t("lastDay")} {...form.getInputProps("to")} />
              <TextInput label={t("reason")} {...form.getInputProps("reason")} />
              <Button type="submit" variant="default" loading={busy}>
                {t("addTimeOff")}
              </Button>
            </Group>
          </form>
        )}
      </Stack>
    </Card>
  );
}
