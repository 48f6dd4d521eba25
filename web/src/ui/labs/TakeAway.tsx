/** Takes a value away that was noted by mistake; the right one is added anew. */
import { ActionIcon } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useApiMutation } from "@/api/query";
import { useConfirm } from "../confirm";
import { done, failed } from "../toast";
import { useTime } from "../useTime";
import { readingOf } from "./results";
import { LAB_READS, type Result } from "./types";

interface TakeAwayProps {
  result: Result;
  /** Told when it is away, where nobody reads the values again. */
  onAway?: () => void;
}

export function TakeAway({ result, onAway }: TakeAwayProps) {
  const { t } = useTranslation("labs");
  const { language } = useTime();
  const confirm = useConfirm();
  const remove = useApiMutation("delete", "/api/lab-results/{lab_result_id}", { invalidates: LAB_READS });
  const what = { name: result.analyte, value: `${readingOf(result, language)} ${result.unit ?? ""}`.trim() };
  const take = async () => {
    const question = { title: t("takeAwayTitle", what), body: t("takeAwayBody"), action: t("takeAway"), danger: true };
    if (!(await confirm(question))) return;
    try {
      await remove.mutateAsync({ params: { path: { lab_result_id: result.lab_result_id } } });
      done(t("takenAway", what));
      onAway?.();
    } catch (error) {
      failed(error, t);
    }
  };
  return (
    <ActionIcon aria-label={t("takeAwayOne", what)} loading={remove.isPending} onClick={() => void take()}>
      <IconTrash size={16} stroke={1.8} aria-hidden />
    </ActionIcon>
  );
}
