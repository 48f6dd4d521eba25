/** Suspends a clinic or opens it again, once it is clear to the person what follows. */
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { invalidate, useApiMutation } from "@/api/query";
import { useConfirm } from "@/ui/confirm";
import { done, failed } from "@/ui/toast";
import classes from "./operator.module.css";
import type { Clinic, ClinicStatus } from "./types";

const FOLLOWS = {
  suspend: ["signedOut", "shutOut", "unlisted", "kept"],
  reactivate: ["letIn", "listed", "asBefore"],
} as const;

export function useSetStatus() {
  const { t } = useTranslation("operator");
  const confirm = useConfirm();
  const client = useQueryClient();
  const send = useApiMutation("put", "/api/clinics/{clinic_id}/status", { invalidates: ["/api/clinics"] });

  const setStatus = async ({ clinic_id, name, status, version }: Clinic) => {
    const act = status === "active" ? "suspend" : "reactivate";
    const next: ClinicStatus = act === "suspend" ? "suspended" : "active";
    const isMeant = await confirm({
      title: t(`${act}Title`, { name }),
      body: (
        <ul className={classes.follows}>
          {FOLLOWS[act].map((what) => (
            <li key={what}>{t(`follows.${what}`)}</li>
          ))}
        </ul>
      ),
      action: t(act),
      danger: act === "suspend",
    });
    if (!isMeant) return;
    try {
      await send.mutateAsync({ params: { path: { clinic_id } }, body: { status: next }, version });
      done(t(`${act}Done`, { name }));
    } catch (error) {
      if (!(error instanceof ApiProblem && error.isStale)) return failed(error, t);
      await invalidate(client, ["/api/clinics"]);
      done(t("changedMeanwhile", { name }));
    }
  };
  return { setStatus, isBusy: send.isPending };
}
