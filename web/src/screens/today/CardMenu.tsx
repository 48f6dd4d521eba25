/** The one menu of all cards, shown at the button that opened it. */
import { Menu } from "@mantine/core";
import { IconId, IconLayoutSidebarRight, IconStethoscope } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type CSSProperties, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { visitStep } from "@/ui/clinical/useOpenVisit";
import { useCan } from "@/ui/session";
import type { BoardAppointment } from "./board";
import { useActions } from "./context";
import { fullName } from "./day";
import { isEnding, STEP_ICONS, stepKey } from "./steps";
import { useGoToVisit } from "./useGoToVisit";

export interface MenuAt {
  appointment: BoardAppointment;
  button: HTMLElement;
}

interface CardMenuProps {
  at: MenuAt | null;
  isOpen: boolean;
  close: () => void;
  /** It is gone from the screen; the focus may have nowhere to go back to. */
  onClosed: () => void;
}

export function CardMenu({ at, isOpen, close, onClosed }: CardMenuProps) {
  const { t } = useTranslation("today");
  const { stepsOf, act, open } = useActions();
  const can = useCan();
  const navigate = useNavigate();
  const goToVisit = useGoToVisit();
  useEffect(() => {
    const button = at?.button;
    if (!isOpen || !button) return;
    button.setAttribute("aria-expanded", "true");
    window.addEventListener("scroll", close, { capture: true, once: true });
    return () => {
      button.setAttribute("aria-expanded", "false");
      window.removeEventListener("scroll", close, { capture: true });
    };
  }, [at, isOpen, close]);
  if (!at) return null;
  const { appointment, button } = at;
  const box = button.getBoundingClientRect();
  const anchor: CSSProperties = {
    position: "fixed",
    left: box.left,
    top: box.top,
    width: box.width,
    height: box.height,
    pointerEvents: "none",
  };
  const steps = stepsOf(appointment);
  const chart = String(appointment.patient_id);
  const step = visitStep(appointment.status);
  return (
    <Menu
      opened={isOpen}
      onChange={(next) => !next && close()}
      position="bottom-end"
      width={230}
      withinPortal
      returnFocus
      closeOnClickOutside
      onExitTransitionEnd={onClosed}
    >
      <Menu.Target>
        <span style={anchor} aria-hidden />
      </Menu.Target>
      <Menu.Dropdown aria-label={t("menu", { name: fullName(appointment) })}>
        {steps
          .filter((to) => !isEnding(to))
          .map((to) => (
            <Step key={to} appointment={appointment} to={to} run={() => act(appointment, to)} />
          ))}
        {step && can("chart_write") && (
          <Menu.Item
            leftSection={<IconStethoscope size={17} stroke={1.7} aria-hidden />}
            onClick={() => void goToVisit(appointment)}
          >
            {t(`visit.${step}`)}
          </Menu.Item>
        )}
        {steps.some((to) => !isEnding(to)) && <Menu.Divider />}
        <Menu.Item
          leftSection={<IconLayoutSidebarRight size={17} stroke={1.7} aria-hidden />}
          onClick={() => open(appointment)}
        >
          {t("details")}
        </Menu.Item>
        {can("patient_read") && (
          <Menu.Item
            leftSection={<IconId size={17} stroke={1.7} aria-hidden />}
            onClick={() => void navigate({ to: "/patients/$patientId", params: { patientId: chart } })}
          >
            {t("chart")}
          </Menu.Item>
        )}
        {steps.some(isEnding) && <Menu.Divider />}
        {steps.filter(isEnding).map((to) => (
          <Step key={to} appointment={appointment} to={to} run={() => act(appointment, to)} />
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface StepProps {
  appointment: BoardAppointment;
  to: BoardAppointment["status"];
  run: () => void;
}

function Step({ appointment, to, run }: StepProps) {
  const { t } = useTranslation("today");
  const Icon = STEP_ICONS[to];
  return (
    <Menu.Item leftSection={<Icon size={17} stroke={1.7} aria-hidden />} onClick={run}>
      {t(`act.${stepKey(appointment.status, to)}`)}
    </Menu.Item>
  );
}
