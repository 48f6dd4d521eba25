/** Which day, and whose. */
import { Button, NativeSelect, SegmentedControl } from "@mantine/core";
import { IconUser } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { addDays } from "@/lib/time";
import { useMe } from "@/ui/session";
import { useShortcut } from "@/ui/shortcuts";
import { useLocale, useTime } from "@/ui/useTime";
import type { Board, BoardAppointment } from "./board";
import { CheckIn } from "./CheckIn";
import { departmentsOf } from "./day";
import classes from "./Toolbar.module.css";

export interface View {
  date: string;
  provider?: number;
  department?: string;
}

interface ToolbarProps {
  board: Board | undefined;
  /** With what is under way. */
  appointments: readonly BoardAppointment[];
  today: string;
  view: View;
  show: (change: Partial<View>) => void;
}

export function Toolbar({ board, appointments, today, view, show }: ToolbarProps) {
  return (
    <>
      <Days today={today} date={view.date} show={(date) => show({ date })} />
      {board && <Filters board={board} view={view} show={show} />}
      {board && <CheckIn appointments={appointments} />}
    </>
  );
}

function Days({ today, date, show }: { today: string; date: string; show: (date: string) => void }) {
  const { t } = useTranslation("today");
  const time = useTime();
  const near = [
    { value: addDays(today, -1), label: t("yesterday") },
    { value: today, label: t("title") },
    { value: addDays(today, 1), label: t("tomorrow") },
  ];
  const isNear = near.some(({ value }) => value === date);
  useShortcut("t", t("goToday"), () => show(today));
  useShortcut("[", t("dayBefore"), () => show(addDays(date, -1)));
  useShortcut("]", t("dayAfter"), () => show(addDays(date, 1)));
  return (
    <SegmentedControl
      size="sm"
      aria-label={t("day")}
      data={isNear ? near : [...near, { value: date, label: time.day(date, "weekday") }]}
      value={date}
      onChange={show}
    />
  );
}

function Filters({ board, view, show }: { board: Board; view: View; show: (change: Partial<View>) => void }) {
  const { t } = useTranslation("today");
  const me = useMe();
  const language = useLocale();
  const departments = departmentsOf(board.appointments, language);
  if (view.department && !departments.includes(view.department)) departments.unshift(view.department);
  const isMine = view.provider === me.user_id;
  return (
    <>
      {board.doctors.some(({ user_id }) => user_id === me.user_id) && (
        <Button
          variant={isMine ? "light" : "default"}
          aria-pressed={isMine}
          leftSection={<IconUser size={16} stroke={1.8} aria-hidden />}
          onClick={() => show({ provider: isMine ? undefined : me.user_id })}
        >
          {t("mine")}
        </Button>
      )}
      {board.doctors.length > 1 && (
        <NativeSelect
          className={classes.filter}
          aria-label={t("filter.provider")}
          value={view.provider ?? ""}
          onChange={({ currentTarget: { value } }) => show({ provider: value ? Number(value) : undefined })}
          data={[
            { value: "", label: t("filter.allProviders") },
            ...board.doctors.map(({ user_id, name }) => ({ value: String(user_id), label: name })),
          ]}
        />
      )}
      {departments.length > 0 && (
        <NativeSelect
          className={classes.filter}
          aria-label={t("filter.department")}
          value={view.department ?? ""}
          onChange={({ currentTarget: { value } }) => show({ department: value || undefined })}
          data={[
            { value: "", label: t("filter.allDepartments") },
            ...departments.map((name) => ({ value: name, label: name })),
          ]}
        />
      )}
    </>
  );
}
