/** Asks before something that can't be taken back: `if (await confirm({ … })) …`. */
import { Button, Group, Modal, Text } from "@mantine/core";
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";
import { useTranslation } from "react-i18next";

export interface Question {
  title: string;
  body?: ReactNode;
  /** The word on the button: what will be done, not "OK". */
  action: string;
  danger?: boolean;
}

type Confirm = (question: Question) => Promise<boolean>;

const Context = createContext<Confirm>(() => Promise.resolve(false));

export const useConfirm = (): Confirm => useContext(Context);

export function ConfirmProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation("common");
  const [asked, ask] = useState<(Question & { answer: (yes: boolean) => void }) | null>(null);
  const [isOpen, open] = useState(false);
  const confirm = useCallback<Confirm>((question) => {
    return new Promise((answer) => {
      ask({ ...question, answer });
      open(true);
    });
  }, []);
  const close = (yes: boolean) => {
    asked?.answer(yes);
    open(false);
  };
  return (
    <Context value={confirm}>
      {children}
      <Modal opened={isOpen} onClose={() => close(false)} title={asked?.title} size="sm" withCloseButton={false}>
        {asked?.body && (
          <Text component="div" c="dimmed">
            {asked.body}
          </Text>
        )}
        <Group justify="flex-end" gap="xs" mt="lg">
          <Button variant="default" onClick={() => close(false)}>
            {t("action.cancel")}
          </Button>
          <Button data-autofocus color={asked?.danger ? "red.9" : undefined} onClick={() => close(true)}>
            {asked?.action}
          </Button>
        </Group>
      </Modal>
    </Context>
  );
}
