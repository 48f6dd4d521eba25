/** The sides of a chart, in their order. A new one is a line here and its word in the texts. */
import type { ComponentType } from "react";
import type { Answer } from "@/api/query";
import type { Permission } from "@/api/types";
import { Appointments } from "./tabs/Appointments";
import { Billing } from "./tabs/Billing";
import { Overview } from "./tabs/Overview";
import { Timeline } from "./tabs/Timeline";

export interface TabProps {
  summary: Answer<"/api/patients/{patient_id}/summary">;
}

interface Tab {
  key: "overview" | "timeline" | "appointments" | "billing";
  needs: Permission;
  Part: ComponentType<TabProps>;
}

export const TABS: readonly Tab[] = [
  { key: "overview", needs: "patient_read", Part: Overview },
  { key: "timeline", needs: "patient_read", Part: Timeline },
  { key: "appointments", needs: "appointment_read", Part: Appointments },
  { key: "billing", needs: "invoice_read", Part: Billing },
];
