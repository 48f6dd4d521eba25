/** Finds somebody of this day as one types; Enter checks them in, or opens them where there is nothing to check in. */
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useShortcut } from "@/ui/shortcuts";
import { Tag } from "@/ui/Tag";
import { useTime } from "@/ui/useTime";
import type { BoardAppointment } from "./board";
import classes from "./CheckIn.module.css";
import { useActions } from "./context";
import { TONES } from "./DetailPanel";
import { fullName, search } from "./day";
import { laneOf } from "./lanes";

export function CheckIn({ appointments }: { appointments: readonly BoardAppointment[] }) {
  const { t } = useTranslation("today");
  const { stepsOf, act, open } = useActions();
  const [asked, ask] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const list = useId();
  useShortcut("c", t("checkIn.label"), () => field.current?.focus());

  const found = isOpen ? search(appointments, asked) : [];
  const chosen = found[Math.min(active, found.length - 1)];
  const canCheckIn = (one: BoardAppointment) => laneOf(one.status) === "expected" && stepsOf(one).includes("waiting");
  const take = (one: BoardAppointment) => {
    ask("");
    setOpen(false);
    if (canCheckIn(one)) act(one, "waiting");
    else open(one);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      setActive((Math.min(active, found.length - 1) + step + found.length) % found.length);
    } else if (event.key === "Enter" && chosen) {
      event.preventDefault();
      take(chosen);
    } else if (event.key === "Escape") {
      if (asked === "") field.current?.blur();
      ask("");
      setOpen(false);
    }
  };
  const isShown = isOpen && asked.trim() !== "";
  return (
    <div className={classes.root}>
      <IconSearch size={16} stroke={1.8} aria-hidden className={classes.icon} />
      <input
        ref={field}
        className={classes.input}
        role="combobox"
        aria-expanded={isShown}
        aria-controls={list}
        aria-activedescendant={isShown && chosen ? `${list}-${chosen.appointment_id}` : undefined}
        aria-autocomplete="list"
        aria-label={t("checkIn.label")}
        aria-keyshortcuts="c"
        placeholder={t("checkIn.label")}
        autoComplete="off"
        spellCheck={false}
        value={asked}
        onChange={(event) => {
          ask(event.currentTarget.value);
          setActive(0);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      <div
        id={list}
        role="listbox"
        aria-label={t("checkIn.results")}
        className={classes.list}
        hidden={!isShown || found.length === 0}
      >
        {found.map((one, index) => (
          <Option
            key={one.appointment_id}
            id={`${list}-${one.appointment_id}`}
            appointment={one}
            isActive={one === chosen}
            hint={canCheckIn(one) ? t("act.waiting") : t("details")}
            onHover={() => setActive(index)}
            onTake={() => take(one)}
          />
        ))}
      </div>
      {isShown && found.length === 0 && (
        <p className={`${classes.list} ${classes.none}`} role="status">
          {t("checkIn.none")}
        </p>
      )}
    </div>
  );
}

interface OptionProps {
  id: string;
  appointment: BoardAppointment;
  isActive: boolean;
  hint: string;
  onHover: () => void;
  onTake: () => void;
}

function Option({ id, appointment, isActive, hint, onHover, onTake }: OptionProps) {
  const { t } = useTranslation("today");
  const time = useTime();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus and takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the field has the focus and points here
    <div
      id={id}
      role="option"
      aria-selected={isActive}
      className={classes.option}
      onMouseDown={(event) => event.preventDefault()}
      onMouseMove={isActive ? undefined : onHover}
      onClick={onTake}
    >
      <span className={classes.who}>
        <span className={classes.name}>{fullName(appointment)}</span>
        <span className={classes.detail}>
          {time.time(appointment.scheduled_start)} · {appointment.provider_name} · {appointment.patient.mrn}
        </span>
      </span>
      {laneOf(appointment.status) === "expected" ? (
        <span className={classes.hint}>{hint}</span>
      ) : (
        <Tag tone={TONES[appointment.status]}>{t(`common:appointment.${appointment.status}`)}</Tag>
      )}
    </div>
  );
}
