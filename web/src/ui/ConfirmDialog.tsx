/** The question that `useConfirm` asks. */
import { Button, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Question } from "./confirm";
import { Modal } from "./Modal";

interface ConfirmDialogProps {
  question: Question;
  isOpen: boolean;
  answer: (yes: boolean) => void;
}

export default function ConfirmDialog({
  question: { title, body, action, danger },
  isOpen,
  answer,
}: ConfirmDialogProps) {
  const { t } = useTranslation("common");
  return (
    <Modal
      opened={isOpen}
      onClose={() => answer(false)}
      title={title}
      size="sm"
      withCloseButton={false}
      // It was in the page before what it is asked from: over it nonetheless.
      zIndex={250}
    >
      {body && (
        <Text component="div" c="dimmed">
          {body}
        </Text>
      )}
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={() => answer(false)}>
          {t("action.cancel")}
        </Button>
        <Button data-autofocus color={danger ? "red.9" : undefined} onClick={() => answer(true)}>
          {action}
        </Button>
      </Group>
    </Modal>
  );
}
