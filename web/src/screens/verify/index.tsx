/**
 * The page behind the code on a prescription: for a pharmacy, or anyone who holds the paper. It says whether the paper is genuine and still
 * stands, and nothing about the patient.
 */
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { type Answer, useApiQuery } from "@/api/query";
import { formatDay } from "@/lib/time";
import { problemText } from "@/ui/problemText";
import { GuestLayout } from "@/ui/shell/GuestLayout";
import { Loading } from "@/ui/states";
import { useLocale } from "@/ui/useTime";
import classes from "./verify.module.css";

type Genuine = Answer<"/api/public/prescriptions/{token}">;

const route = getRouteApi("/open/verify/$token");

export function Screen() {
  const { t } = useTranslation("verify");
  const { token } = route.useParams();
  const query = useApiQuery("/api/public/prescriptions/{token}", { path: { token } }, { retry: false });
  const { data, error } = query;
  if (data) return <Found genuine={data} />;
  if (error instanceof ApiProblem && [400, 404].includes(error.status)) {
    return (
      <GuestLayout title={t("unknownTitle")}>
        <Mark kind="bad">{t("unknown")}</Mark>
      </GuestLayout>
    );
  }
  return (
    <GuestLayout title={t("title")}>
      {error ? (
        <div role="alert">
          <p>{problemText(error, t)}</p>
          <Button variant="default" onClick={() => void query.refetch()}>
            {t("common:action.retry")}
          </Button>
        </div>
      ) : (
        <Loading rows={3} />
      )}
    </GuestLayout>
  );
}

const ICONS = { good: IconCircleCheck, warn: IconAlertTriangle, bad: IconCircleX };

function Mark({ kind, children }: { kind: keyof typeof ICONS; children: string }) {
  const Icon = ICONS[kind];
  return (
    <p className={classes.mark} data-kind={kind} role="status">
      <Icon size={26} stroke={1.8} aria-hidden />
      {children}
    </p>
  );
}

function Found({ genuine }: { genuine: Genuine }) {
  const { t } = useTranslation("verify");
  const language = useLocale();
  const { status, reference, clinic_name, issued_on, doctor, items, superseded_by } = genuine;
  const isReplaced = status === "superseded";
  return (
    <GuestLayout title={t(isReplaced ? "replacedTitle" : "genuineTitle")}>
      <Mark kind={isReplaced ? "warn" : "good"}>
        {isReplaced ? (superseded_by ? t("replacedBy", { reference: superseded_by }) : t("replaced")) : t("genuine")}
      </Mark>
      <dl className={classes.facts}>
        <dt>{t("reference")}</dt>
        <dd>{reference}</dd>
        <dt>{t("clinic")}</dt>
        <dd>{clinic_name}</dd>
        <dt>{t("doctor")}</dt>
        <dd>
          {doctor.name}
          {doctor.registration_number && ` · ${doctor.registration_number}`}
        </dd>
        <dt>{t("issued")}</dt>
        <dd>{formatDay(issued_on, language, "long")}</dd>
        <dt>{t("items")}</dt>
        <dd>{t("drugs", { count: items })}</dd>
      </dl>
      <p className={classes.hint}>{t("compare")}</p>
    </GuestLayout>
  );
}
