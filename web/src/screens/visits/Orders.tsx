/** What is ordered and done: the prescription, and the services with what they come to. */

import { useTranslation } from "react-i18next";
import { Card } from "@/ui/Card";
import { Prescriptions } from "@/ui/clinical/Prescriptions";
import type { Allergy, Visit } from "@/ui/clinical/types";
import { VisitLabs } from "@/ui/labs/VisitLabs";
import { Procedures } from "./Procedures";
import type { VisitChanges } from "./useVisit";
import classes from "./visits.module.css";

interface OrdersProps {
  visit: Visit;
  changes: VisitChanges;
  mayWrite: boolean;
  allergies: readonly Allergy[];
}

export function Orders({ visit, changes, mayWrite, allergies }: OrdersProps) {
  const { t } = useTranslation("visits");
  return (
    <>
      <Card title={t("prescription")} className={classes.card}>
        <Prescriptions patientId={visit.patient.patient_id} visitId={visit.visit_id} allergies={allergies} />
      </Card>
      <Card title={t("labs")} className={classes.card}>
        <VisitLabs visitId={visit.visit_id} />
      </Card>
      <Procedures visit={visit} changes={changes} mayWrite={mayWrite} />
    </>
  );
}
