/** What waits for somebody: appointments that nobody closed, and requests that nobody has answered. */
import { Button, Text } from "@mantine/core";
import { IconChecks, IconInbox } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Answer, useApiQuery } from "@/api/query";
import { Loading, Message, QueryView } from "@/ui/states";
import { Tag } from "@/ui/Tag";
import { useTime } from "@/ui/useTime";
import type { BoardAppointment } from "./board";
import { TONES } from "./DetailPanel";
import { fullName } from "./day";
import type { Status } from "./lanes";
import classes from "./panel.module.css";
import { stepKey } from "./steps";

export type Listed = Answer<"/api/appointments">["appointments"][number];

interface ListProps {
  stepsOf: (appointment: Listed) => readonly Status[];
  act: (appointment: Listed, to: Status) => void;
  isMoving: (id: number) => boolean;
}

const AT_ONCE = 50;

/** Over and never closed, the oldest first. */
export function OpenEnds(props: ListProps) {
  const { t } = useTranslation("today");
  const query = useApiQuery("/api/appointments/open-ends", { query: { per_page: AT_ONCE } });
  return (
    <Rows
      {...props}
      query={query}
      intro={t("openEnds.hint")}
      offered={["completed", "no_show", "cancelled"]}
      empty={<Message icon={IconChecks} title={t("openEnds.none")} />}
    />
  );
}

/** Asked for and not answered, the soonest first. */
export function Requests(props: ListProps) {
  const { t } = useTranslation("today");
  const query = useApiQuery("/api/appointments", {
    query: { status: ["pending"], sort: "scheduled_start", order: "asc", per_page: AT_ONCE },
  });
  return (
    <Rows
      {...props}
      query={query}
      intro={t("requests.hint")}
      offered={["scheduled", "rejected"]}
      empty={<Message icon={IconInbox} title={t("requests.none")} />}
    />
  );
}

interface RowsProps extends ListProps {
  query:
    | ReturnType<typeof useApiQuery<"/api/appointments">>
    | ReturnType<typeof useApiQuery<"/api/appointments/open-ends">>;
  intro: string;
  offered: readonly Status[];
  empty: ReactNode;
}

function Rows({ query, intro, offered, empty, stepsOf, act, isMoving }: RowsProps) {
  const { t } = useTranslation("today");
  const data = query.data as Answer<"/api/appointments"> | undefined;
  return (
    <QueryView
      query={{ ...query, data } as Parameters<typeof QueryView<Answer<"/api/appointments">>>[0]["query"]}
      loading={<Loading rows={4} height={96} />}
      isEmpty={({ appointments }) => appointments.length === 0}
      empty={empty}
    >
      {({ appointments, pagination }) => (
        <>
          <Text size="sm" c="dimmed" mb="sm">
            {intro}
          </Text>
          <ul className={classes.list}>
            {appointments.map((one) => (
              <Row
                key={one.appointment_id}
                appointment={one}
                steps={stepsOf(one).filter((to) => offered.includes(to))}
                act={(to) => act(one, to)}
                busy={isMoving(one.appointment_id)}
              />
            ))}
          </ul>
          {pagination.total > appointments.length && (
            <Text size="sm" c="dimmed" mt="sm">
              {t("andMore", { count: pagination.total - appointments.length })}
            </Text>
          )}
        </>
      )}
    </QueryView>
  );
}

interface RowProps {
  appointment: Listed | BoardAppointment;
  steps: readonly Status[];
  act: (to: Status) => void;
  busy: boolean;
}

function Row({ appointment, steps, act, busy }: RowProps) {
  const { t } = useTranslation("today");
  const time = useTime();
  const { status, scheduled_start, scheduled_end, provider_name, reason } = appointment;
  const name = fullName(appointment);
  return (
    <li className={classes.item}>
      <div className={classes.itemTop}>
        <span className={classes.itemName}>{name}</span>
        <Tag tone={TONES[status]}>{t(`common:appointment.${status}`)}</Tag>
      </div>
      <Text size="sm" c="dimmed">
        {time.day(time.dayOf(scheduled_start), "weekday")}, {time.range(scheduled_start, scheduled_end)} ·{" "}
        {provider_name}
      </Text>
      {reason && <Text size="sm">{reason}</Text>}
      {steps.length > 0 && (
        <div className={classes.buttons}>
          {steps.map((to, index) => (
            <Button
              key={to}
              size="compact-sm"
              variant={index === 0 ? "light" : "default"}
              disabled={busy}
              aria-label={t("actFor", { action: t(`act.${stepKey(status, to)}`), name })}
              onClick={() => act(to)}
            >
              {t(`act.${stepKey(status, to)}`)}
            </Button>
          ))}
        </div>
      )}
    </li>
  );
}

/** Cancelled, rejected, not come. */
export function Closed({
  appointments,
  open,
}: {
  appointments: readonly BoardAppointment[];
  open: (one: BoardAppointment) => void;
}) {
  const { t } = useTranslation("today");
  const time = useTime();
  if (appointments.length === 0) return <Message icon={IconChecks} title={t("closed.none")} />;
  return (
    <ul className={classes.list}>
      {appointments.map((one) => (
        <li key={one.appointment_id} className={classes.item}>
          <div className={classes.itemTop}>
            <Button
              variant="transparent"
              size="compact-md"
              px={0}
              className={classes.itemName}
              onClick={() => open(one)}
            >
              {fullName(one)}
            </Button>
            <Tag tone={TONES[one.status]}>{t(`common:appointment.${one.status}`)}</Tag>
          </div>
          <Text size="sm" c="dimmed">
            {time.range(one.scheduled_start, one.scheduled_end)} · {one.provider_name}
          </Text>
          {one.close_reason && <Text size="sm">{one.close_reason}</Text>}
        </li>
      ))}
    </ul>
  );
}
