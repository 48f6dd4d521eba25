/** Short messages about what was done, with a way back where there is one. They never hold what one must read to go on. */
import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { problemText } from "./problemText";

const QUICK = 4_000;
/** Long enough to notice, to decide and to reach the button (WCAG 2.2.1 asks for nothing that only a toast can do). */
const WITH_UNDO = 10_000;

/** Said and gone. */
export function done(message: string): void {
  notifications.show({ message, icon: <IconCheck size={16} aria-hidden />, color: "teal", autoClose: QUICK });
}

/** Done, and can be taken back. */
export function undoable(message: string, undo: () => unknown, t: TFunction): void {
  const id = crypto.randomUUID();
  const back = () => {
    notifications.hide(id);
    void undo();
  };
  notifications.show({
    id,
    autoClose: WITH_UNDO,
    icon: <IconCheck size={16} aria-hidden />,
    color: "teal",
    message: (
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <span>{message}</span>
        <Button size="compact-sm" variant="default" onClick={back}>
          {t("common:action.undo")}
        </Button>
      </Group>
    ),
  });
}

/** Something that was done without a form went wrong. */
export function failed(error: unknown, t: TFunction): void {
  refused(problemText(error, t));
}

/** The same, where the screen has better words for it. */
export function refused(message: string): void {
  notifications.show({
    message,
    icon: <IconAlertTriangle size={16} aria-hidden />,
    color: "red",
    autoClose: WITH_UNDO,
    role: "alert",
  });
}
