/** Where one can go: what stands in the sidebar, the phone's bar and the palette. */
import {
  IconCalendarEvent,
  IconChartBar,
  IconLayoutKanban,
  IconReceipt,
  IconServer2,
  IconSettings,
  IconStethoscope,
  IconTestPipe,
  IconUsers,
  type TablerIcon,
} from "@tabler/icons-react";
import type { Me } from "@/api/types";
import { mayEnter, type Needed } from "./home";

export interface Place {
  to: "/today" | "/schedule" | "/patients" | "/visits" | "/results" | "/billing" | "/admin" | "/operator" | "/usage";
  /** Key in `common`. */
  label: string;
  /** Where there is little room: the phone's bar. */
  short?: string;
  icon: TablerIcon;
  permission: Needed;
  /** `g` and this letter goes there. */
  letter: string;
}

export const PLACES: readonly Place[] = [
  { to: "/today", label: "nav.today", icon: IconLayoutKanban, permission: "appointment_read", letter: "d" },
  { to: "/schedule", label: "nav.schedule", icon: IconCalendarEvent, permission: "appointment_read", letter: "s" },
  { to: "/patients", label: "nav.patients", icon: IconUsers, permission: "patient_read", letter: "p" },
  { to: "/visits", label: "nav.visits", icon: IconStethoscope, permission: "chart_read", letter: "v" },
  { to: "/results", label: "nav.results", icon: IconTestPipe, permission: "chart_read", letter: "r" },
  { to: "/billing", label: "nav.billing", icon: IconReceipt, permission: "invoice_read", letter: "b" },
  {
    to: "/admin",
    label: "nav.admin",
    short: "nav.adminShort",
    icon: IconSettings,
    permission: "staff_read",
    letter: "a",
  },
  { to: "/operator", label: "nav.operator", icon: IconServer2, permission: "clinics_manage", letter: "o" },
  {
    to: "/usage",
    label: "nav.usage",
    icon: IconChartBar,
    permission: ["clinic_settings", "clinics_manage"],
    letter: "u",
  },
];

export const placesOf = (me: Me): readonly Place[] => PLACES.filter(({ permission }) => mayEnter(me, permission));
