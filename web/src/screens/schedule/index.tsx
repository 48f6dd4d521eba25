/** The schedule: a day by provider, a provider's week, or a list; booking, moving, and what is in the way. */
import { ActionIcon, Button, Group, NativeSelect, SegmentedControl, TextInput } from "@mantine/core";
import {
  IconCalendarOff,
  IconChevronLeft,
  IconChevronRight,
  IconPlus,
  IconPrinter,
  IconTableImport,
} from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { addDays } from "@/lib/time";
import { Page } from "@/ui/Page";
import { useCan, useMe } from "@/ui/session";
import { useShortcut } from "@/ui/shortcuts";
import { QueryView } from "@/ui/states";
import { useTime } from "@/ui/useTime";
import type { Proposal } from "./BookingDialog";
import { Grid } from "./Grid";
import { type Appointment, columnsOf, daysOf, hoursShown, onDay, scaleOf, type TimeOff } from "./layout";
import { Sheets, useIsPrinting } from "./Sheets";
import classes from "./schedule.module.css";
import { VIEWS } from "./search";

const route = getRouteApi("/app/schedule");
// What opens with a click comes with it.
const AppointmentDialog = lazy(() => import("./AppointmentDialog"));
const BookingDialog = lazy(() => import("./BookingDialog"));
const BulkDialog = lazy(() => import("./BulkDialog"));
const ListView = lazy(() => import("./ListView"));
const TimeOffDialog = lazy(() => import("./TimeOffDialog"));

export function Screen() {
  const { t } = useTranslation("schedule");
  const time = useTime();
  const can = useCan();
  const mayBook = can("appointment_create");
  const mayFree = useMayFree();
  const { date: asked, view = "day", provider, appointment: openId, patient } = route.useSearch();
  const navigate = route.useNavigate();
  const date = asked ?? time.today();
  const { from, to } = daysOf(view, date, time.firstWeekday);
  const query = useApiQuery("/api/schedule", { query: { from, to } });
  const set = useCallback(
    (change: object) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true }),
    [navigate],
  );
  const [proposal, propose] = useState<Proposal | null>(() => (patient ? { patient } : null));
  const [moving, move] = useState<{ appointment: Appointment; to: Proposal } | null>(null);
  const [freeing, free] = useState<{ doctor: number; day: string } | null>(null);
  const [isPasting, setPasting] = useState(false);
  const step = view === "day" ? 1 : 7;
  const go = (days: number) => set({ date: addDays(date, days) });
  useShortcut("b", t("book"), () => mayBook && propose({ day: date, provider }));
  useShortcut("t", t("today"), () => set({ date: undefined }));
  useShortcut("[", t("back"), () => go(-step));
  useShortcut("]", t("forward"), () => go(step));

  const doctors = query.data?.doctors ?? [];
  const freeable = doctors.filter(({ user_id }) => mayFree(user_id));
  const firstFreeable = freeable.find(({ user_id }) => user_id === provider) ?? freeable[0];
  const opened = query.data?.appointments.find(({ appointment_id }) => appointment_id === openId);
  const title = view === "day" ? time.day(from, "long") : `${time.day(from, "medium")} – ${time.day(to, "medium")}`;
  return (
    <Page
      wide
      title={t("title")}
      subtitle={title}
      actions={
        <Group gap="xs" className="no-print">
          <Button
            variant="default"
            className={classes.quiet}
            leftSection={<IconPrinter size={16} stroke={1.7} aria-hidden />}
            onClick={() => window.print()}
          >
            {t("print")}
          </Button>
          {firstFreeable && (
            <Button
              variant="default"
              className={classes.quiet}
              leftSection={<IconCalendarOff size={16} stroke={1.7} aria-hidden />}
              onClick={() => free({ doctor: firstFreeable.user_id, day: date })}
            >
              {t("timeOff")}
            </Button>
          )}
          {mayBook && can("appointment_bulk") && doctors.length > 0 && (
            <Button
              variant="default"
              className={classes.quiet}
              leftSection={<IconTableImport size={16} stroke={1.7} aria-hidden />}
              onClick={() => setPasting(true)}
            >
              {t("bulk")}
            </Button>
          )}
          {mayBook && (
            <Button
              leftSection={<IconPlus size={16} stroke={1.7} aria-hidden />}
              onClick={() => propose({ day: date, provider })}
            >
              {t("book")}
            </Button>
          )}
        </Group>
      }
      toolbar={
        <Group gap="sm" align="end" className="no-print">
          <Group gap={4} wrap="nowrap">
            <ActionIcon variant="default" aria-label={t("back")} onClick={() => go(-step)}>
              <IconChevronLeft size={18} stroke={1.7} aria-hidden className={classes.turn} />
            </ActionIcon>
            <Button variant="default" onClick={() => set({ date: undefined })}>
              {t("today")}
            </Button>
            <ActionIcon variant="default" aria-label={t("forward")} onClick={() => go(step)}>
              <IconChevronRight size={18} stroke={1.7} aria-hidden className={classes.turn} />
            </ActionIcon>
          </Group>
          <TextInput
            type="date"
            aria-label={t("day")}
            value={date}
            onChange={(event) => event.currentTarget.value && set({ date: event.currentTarget.value })}
          />
          <SegmentedControl
            aria-label={t("view")}
            value={view}
            onChange={(next) => set({ view: next === "day" ? undefined : next })}
            data={VIEWS.map((value) => ({ value, label: t(`viewIs.${value}`) }))}
          />
          <NativeSelect
            aria-label={t("doctor")}
            data={[
              ...(view === "week" ? [] : [{ value: "", label: t("everybody") }]),
              ...doctors.map(({ user_id, name }) => ({ value: String(user_id), label: name })),
            ]}
            value={provider ? String(provider) : view === "week" && doctors[0] ? String(doctors[0].user_id) : ""}
            onChange={(event) => {
              const { value } = event.currentTarget;
              set({ provider: value ? Number(value) : undefined });
            }}
          />
        </Group>
      }
    >
      <QueryView query={query}>
        {(schedule) =>
          view === "list" ? (
            <Suspense>
              <ListView schedule={schedule} provider={provider} onOpen={(id) => set({ appointment: id })} />
            </Suspense>
          ) : (
            <Days
              view={view}
              schedule={schedule}
              provider={provider}
              mayBook={mayBook}
              mayFree={mayFree}
              onFree={(doctor, off) => free({ doctor, day: time.dayOf(off.start) })}
              onBook={propose}
              onOpen={(id) => set({ appointment: id })}
              onMove={(appointment, target) => {
                move({ appointment, to: target });
                set({ appointment: appointment.appointment_id });
              }}
            />
          )
        }
      </QueryView>
      <Suspense>
        {query.data && proposal !== null && (
          <BookingDialog
            proposal={proposal}
            schedule={query.data}
            onClose={() => {
              propose(null);
              if (patient) set({ patient: undefined });
            }}
            onBooked={(day) => day !== date && set({ date: day })}
          />
        )}
        {query.data && freeing !== null && (
          <TimeOffDialog
            doctors={freeable}
            doctor={freeing.doctor}
            day={freeing.day}
            schedule={query.data}
            onClose={() => free(null)}
          />
        )}
        {query.data && isPasting && (
          <BulkDialog schedule={query.data} provider={provider} onClose={() => setPasting(false)} />
        )}
        {openId !== undefined && query.data && (
          <AppointmentDialog
            key={openId}
            id={openId}
            known={opened}
            schedule={query.data}
            target={moving?.appointment.appointment_id === openId ? moving.to : undefined}
            onClose={() => {
              move(null);
              set({ appointment: undefined });
            }}
          />
        )}
      </Suspense>
    </Page>
  );
}

interface DaysProps {
  view: "day" | "week";
  schedule: Parameters<typeof columnsOf>[1];
  provider: number | undefined;
  mayBook: boolean;
  mayFree: (user: number) => boolean;
  onFree: (doctor: number, off: TimeOff) => void;
  onBook: (proposal: Proposal) => void;
  onOpen: (id: number) => void;
  onMove: (appointment: Appointment, to: Proposal) => void;
}

function Days({ view, schedule, provider, ...handlers }: DaysProps) {
  const { t } = useTranslation("schedule");
  const time = useTime();
  const columns = useMemo(() => columnsOf(view, schedule, provider), [view, schedule, provider]);
  const hours = useMemo(() => hoursShown(columns, schedule.appointments, time), [columns, schedule, time]);
  const scale = useMemo(() => scaleOf(columns, schedule.appointments, time), [columns, schedule, time]);
  const isPrinting = useIsPrinting();
  if (isPrinting) return <Sheets columns={columns} schedule={schedule} />;
  const isClosed =
    columns.length > 0 && !columns.some(({ day, doctor }) => doctor.hours.some((span) => onDay(span, day, time)));
  return (
    <>
      {isClosed && <p className={classes.closed}>{t(`closed.${view}`)}</p>}
      <Grid
        columns={columns}
        hours={hours}
        scale={scale}
        appointments={schedule.appointments}
        step={Math.min(15, schedule.slot_minutes)}
        label={(column) => (view === "day" ? column.doctor.name : time.day(column.day, "weekday"))}
        {...handlers}
      />
    </>
  );
}

/** Whose time off this person may change: an admin everybody's, a doctor the own. */
function useMayFree(): (user: number) => boolean {
  const can = useCan();
  const { user_id } = useMe();
  return (user) => can("availability_write") && (can("staff_manage") || user === user_id);
}
