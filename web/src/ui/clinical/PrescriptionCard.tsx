/** One prescription: what stands on it, where it stands, and what may be done with it. */
import { Alert, Button, Group } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useApiMutation } from "@/api/query";
import { formatMoney } from "@/lib/money";
import { Card } from "@/ui/Card";
import { useConfirm } from "@/ui/confirm";
import { useCan, useMe } from "@/ui/session";
import { Tag, type Tone } from "@/ui/Tag";
import { failed } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import classes from "./clinical.module.css";
import { PdfMenu } from "./PdfMenu";
import { isDraft, titleOf } from "./prescription";
import type { Prescription } from "./types";
import { Unprintable } from "./Unprintable";

const TONES: Readonly<Record<Prescription["status"], Tone>> = {
  draft: "warn",
  finalized: "good",
  superseded: "neutral",
};

interface PrescriptionCardProps {
  prescription: Prescription;
  /** The references of those that it corrects or that corrected it, where they are known. */
  referenceOf?: (id: number) => string | undefined;
  /** Opens the writer with a draft. */
  onWrite: (draft: Prescription) => void;
}

export function PrescriptionCard({ prescription, referenceOf, onWrite }: PrescriptionCardProps) {
  const { t } = useTranslation("clinical");
  const time = useTime();
  const can = useCan();
  const me = useMe();
  const confirm = useConfirm();
  const correct = useApiMutation("post", "/api/prescriptions/{prescription_id}/correct", {
    invalidates: ["/api/prescriptions"],
  });
  const { prescription_id, reference, status, doctor, finalized_at, created_at, supersedes, superseded_by } =
    prescription;
  const params = { path: { prescription_id } };
  const isMine = prescription.doctor_id === me.user_id;
  const mayWrite = can("prescription_write") && isMine;
  const write = async () => {
    const question = { title: t("rx.correctTitle", { reference }), body: t("rx.correctBody"), action: t("rx.correct") };
    if (!(await confirm(question))) return;
    try {
      onWrite((await correct.mutateAsync({ params })).prescription);
    } catch (error) {
      failed(error, t);
    }
  };
  const named = (id: number) => referenceOf?.(id) ?? `#${id}`;
  return (
    <Card
      className={classes.section}
      title={reference}
      actions={<Tag tone={TONES[status]}>{t(`rxStatus.${status}`)}</Tag>}
    >
      <p className={classes.small}>
        {time.dateTime(finalized_at ?? created_at)} · {doctor.first_name} {doctor.last_name}
      </p>
      {supersedes && <p className={classes.small}>{t("rx.corrects", { reference: named(supersedes) })}</p>}
      {superseded_by && <p className={classes.small}>{t("rx.correctedBy", { reference: named(superseded_by) })}</p>}
      <ol className={classes.items}>
        {prescription.items.map((item) => (
          <li key={item.line_no}>
            <span className={classes.entryName}>{titleOf(item)}</span>
            <span className={classes.small}>
              {[item.directions, item.note, item.cost && formatMoney(item.cost, prescription.currency, time.language)]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </li>
        ))}
      </ol>
      {prescription.note && <p className={classes.note}>{prescription.note}</p>}
      {prescription.warnings.length > 0 && (
        <Alert
          color={isDraft(prescription) ? "red" : "gray"}
          icon={<IconAlertTriangle size={18} aria-hidden />}
          mt="xs"
          p="xs"
        >
          <ul className={classes.plain}>
            {prescription.warnings.map(({ line_no, kind, message }) => (
              <li key={`${line_no}${kind}${message}`}>{message}</li>
            ))}
          </ul>
          {prescription.acknowledged && t("rx.signedBecause", { reason: prescription.acknowledged.reason })}
        </Alert>
      )}
      <Unprintable letters={prescription.unprintable} />
      <Group gap="xs" mt="sm">
        <PdfMenu path={`/api/prescriptions/${prescription_id}/pdf`} name={reference} label={t("pdf.open")} />
        {mayWrite && isDraft(prescription) && (
          <Button size="xs" onClick={() => onWrite(prescription)}>
            {t("rx.goOn")}
          </Button>
        )}
        {mayWrite && status === "finalized" && (
          <Button size="xs" variant="default" loading={correct.isPending} onClick={() => void write()}>
            {t("rx.correct")}
          </Button>
        )}
      </Group>
    </Card>
  );
}
