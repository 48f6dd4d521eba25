/** The buttons below a form: what one came for last, in the direction of reading. */
import { Button, Group } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface ActionsProps {
  submit: string;
  busy?: boolean;
  onCancel?: () => void;
  danger?: boolean;
  /** Something at the other end of the line. */
  aside?: ReactNode;
}

export function Actions({ submit, busy = false, onCancel, danger = false, aside }: ActionsProps) {
  const { t } = useTranslation("common");
  return (
    <Group justify="space-between" mt="md">
      <div>{aside}</div>
      <Group gap="xs">
        {onCancel && (
          <Button variant="default" onClick={onCancel}>
            {t("action.cancel")}
          </Button>
        )}
        <Button type="submit" loading={busy} color={danger ? "red.9" : undefined}>
          {submit}
        </Button>
      </Group>
    </Group>
  );
}
