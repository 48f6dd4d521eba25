/** A week of opening hours, with the usual ones at hand. */
import { ActionIcon, Button, Group, TextInput } from "@mantine/core";
import { IconCopy, IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { weekdayName } from "@/lib/time";
import { copyToWorkdays, fault, next, PRESETS, type Stretch, type Week } from "./hours";
import classes from "./WeekHours.module.css";

interface WeekHoursProps {
  week: Week;
  onChange: (week: Week) => void;
  error?: string | undefined;
}

export function WeekHours({ week, onChange, error }: WeekHoursProps) {
  const { t } = useTranslation("setup");
  const setDay = (index: number, day: readonly Stretch[]) =>
    onChange(week.map((before, at) => (at === index ? day : before)));
  return (
    <fieldset className={classes.week}>
      <legend>{t("setup:hours.title")}</legend>
      <Group gap="xs" mb="sm">
        {(Object.keys(PRESETS) as (keyof typeof PRESETS)[]).map((preset) => (
          <Button key={preset} size="xs" variant="default" onClick={() => onChange(PRESETS[preset])}>
            {t(`setup:hours.preset.${preset}`)}
          </Button>
        ))}
      </Group>
      {week.map((day, index) => (
        <DayHours
          key={index.toString()}
          index={index}
          day={day}
          onChange={(hours) => setDay(index, hours)}
          onCopy={index < 5 && day.length > 0 ? () => onChange(copyToWorkdays(week, index)) : undefined}
        />
      ))}
      {error && (
        <p role="alert" className={classes.fault}>
          {error}
        </p>
      )}
    </fieldset>
  );
}

interface DayHoursProps {
  index: number;
  day: readonly Stretch[];
  onChange: (day: readonly Stretch[]) => void;
  onCopy: (() => void) | undefined;
}

function DayHours({ index, day, onChange, onCopy }: DayHoursProps) {
  const { t, i18n } = useTranslation("setup");
  const name = weekdayName(index + 1, i18n.language);
  const wrong = fault(day);
  const set = (at: number, part: Partial<Stretch>) =>
    onChange(day.map((stretch, place) => (place === at ? { ...stretch, ...part } : stretch)));
  return (
    <div className={classes.day} role="group" aria-label={name}>
      <span className={classes.dayName}>{name}</span>
      <div className={classes.stretches}>
        {day.length === 0 && <span className={classes.closed}>{t("setup:hours.closed")}</span>}
        {day.map((stretch, at) => (
          <Group key={at.toString()} className={classes.stretch} gap={6} wrap="nowrap">
            <TextInput
              type="time"
              size="sm"
              aria-label={t("setup:hours.opens", { day: name })}
              value={stretch.start}
              onChange={(event) => set(at, { start: event.currentTarget.value })}
              error={wrong !== null}
            />
            <span aria-hidden>–</span>
            <TextInput
              type="time"
              size="sm"
              aria-label={t("setup:hours.closes", { day: name })}
              value={stretch.end}
              onChange={(event) => set(at, { end: event.currentTarget.value })}
              error={wrong !== null}
            />
            <ActionIcon
              aria-label={t("setup:hours.remove", { day: name })}
              onClick={() => onChange(day.filter((_, place) => place !== at))}
            >
              <IconX size={16} stroke={1.7} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        {wrong && <span className={classes.fault}>{t(`setup:hours.fault.${wrong}`)}</span>}
      </div>
      <Group gap={2} wrap="nowrap">
        <ActionIcon aria-label={t("setup:hours.add", { day: name })} onClick={() => onChange([...day, next(day)])}>
          <IconPlus size={16} stroke={1.7} aria-hidden />
        </ActionIcon>
        {onCopy && (
          <ActionIcon
            aria-label={t("setup:hours.copy", { day: name })}
            title={t("setup:hours.copy", { day: name })}
            onClick={onCopy}
          >
            <IconCopy size={16} stroke={1.7} aria-hidden />
          </ActionIcon>
        )}
      </Group>
    </div>
  );
}
