/** Asks why before an appointment ends without a visit. What was typed stays until the server has said yes. */
import { Button, Group, Text, Textarea } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { Modal } from "@/ui/Modal";
import { useTime } from "@/ui/useTime";
import type { Status } from "./lanes";
import { stepKey } from "./steps";

type Ending = Extract<Status, "cancelled" | "no_show" | "rejected">;

/** What is ended. */
export interface Ended {
  status: Status;
  name: string;
  scheduled_start: string;
  provider_name: string;
}

interface ReasonDialogProps {
  asked: { about: Ended; to: Ending; submit: (reason: string) => Promise<unknown> } | null;
  isOpen: boolean;
  close: () => void;
  onClosed?: () => void;
}

/** Said so often that nobody should have to type them. */
const USUAL: Readonly<Record<Ending, readonly string[]>> = {
  cancelled: ["patientCalled", "illness", "clinic"],
  no_show: ["noAnswer", "called"],
  rejected: ["full", "referral"],
};

const LONGEST = 500;

export function ReasonDialog({ asked, isOpen, close, onClosed }: ReasonDialogProps) {
  const { t } = useTranslation("today");
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={asked && t(`ask.${asked.to}`, { name: asked.about.name })}
      onExitTransitionEnd={onClosed}
    >
      {asked && <ReasonForm {...asked} close={close} />}
    </Modal>
  );
}

function ReasonForm({ about, to, submit, close }: NonNullable<ReasonDialogProps["asked"]> & { close: () => void }) {
  const { t } = useTranslation("today");
  const time = useTime();
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: { reason: "" },
    validate: {
      reason: (reason) => (reason.length > LONGEST ? t("common:problem.tooLong", { count: LONGEST }) : null),
    },
    submit: async ({ reason }) => {
      await submit(reason.trim());
      close();
    },
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Text c="dimmed" size="sm" mb="sm">
        {t("ask.about", { when: time.dateTime(about.scheduled_start), provider: about.provider_name })}
      </Text>
      <FormProblem problem={problem} />
      <Group gap={6} mb="sm" role="group" aria-label={t("ask.usual")}>
        {USUAL[to].map((one) => (
          <Button
            key={one}
            type="button"
            size="compact-sm"
            variant="default"
            radius="xl"
            aria-pressed={form.values.reason === t(`because.${one}`)}
            onClick={() => form.setFieldValue("reason", t(`because.${one}`))}
          >
            {t(`because.${one}`)}
          </Button>
        ))}
      </Group>
      <Textarea label={t("ask.reason")} data-autofocus maxRows={6} {...form.getInputProps("reason")} />
      <Actions submit={t(`ask.do.${stepKey(about.status, to)}`)} busy={busy} onCancel={close} danger />
    </form>
  );
}
