/** Where toasts appear, and how they look. Loaded with the first of them. */
import { Button, Group } from "@mantine/core";
import { Notifications, notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import i18next from "i18next";

const QUICK = 4_000;
/** Long enough to notice, to decide and to reach the button. */
const LONG = 10_000;

export interface Toast {
  message: string;
  isFailure?: boolean;
  /** A way back, and the word for it. */
  undo?: { label: string; run: () => unknown };
}

export function show({ message, isFailure = false, undo }: Toast): void {
  const close = i18next.t("common:action.close");
  const id = crypto.randomUUID();
  const Icon = isFailure ? IconAlertTriangle : IconCheck;
  const back = () => {
    notifications.hide(id);
    undo?.run();
  };
  notifications.show({
    id,
    icon: <Icon size={16} aria-hidden />,
    color: isFailure ? "red" : "teal",
    autoClose: isFailure || undo ? LONG : QUICK,
    closeButtonProps: { "aria-label": close },
    role: isFailure ? "alert" : "status",
    message: undo ? (
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <span>{message}</span>
        <Button size="compact-sm" variant="default" onClick={back}>
          {undo.label}
        </Button>
      </Group>
    ) : (
      message
    ),
  });
}

export default function Toaster() {
  return <Notifications position="bottom-right" containerWidth={420} />;
}
