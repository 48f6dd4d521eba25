/** The sides of a chart, in their order. A new one is a line here and its word in the texts. */
import type { ComponentType } from "react";
import type { Answer } from "@/api/query";
import type { Permission } from "@/api/types";
import { Appointments } from "./tabs/Appointments";
import { Billing } from "./tabs/Billing";
import { Chart } from "./tabs/Chart";
import { Documents } from "./tabs/Documents";
import { Labs } from "./tabs/Labs";
import { Overview } from "./tabs/Overview";
import { Prescriptions } from "./tabs/Prescriptions";
import { Timeline } from "./tabs/Timeline";
import { Visits } from "./tabs/Visits";

export interface TabProps {
  summary: Answer<"/api/patients/{patient_id}/summary">;
}

interface Tab {
  key:
    | "chart"
    | "overview"
    | "visits"
    | "prescriptions"
    | "labs"
    | "documents"
    | "timeline"
    | "appointments"
    | "billing";
  needs: Permission;
  Part: ComponentType<TabProps>;
}

export const TABS: readonly Tab[] = [
  { key: "chart", needs: "chart_read", Part: Chart },
  { key: "overview", needs: "patient_read", Part: Overview },
  { key: "visits", needs: "chart_read", Part: Visits },
  { key: "prescriptions", needs: "chart_read", Part: Prescriptions },
  { key: "labs", needs: "chart_read", Part: Labs },
  { key: "documents", needs: "chart_read", Part: Documents },
  { key: "timeline", needs: "patient_read", Part: Timeline },
  { key: "appointments", needs: "appointment_read", Part: Appointments },
  { key: "billing", needs: "invoice_read", Part: Billing },
];
