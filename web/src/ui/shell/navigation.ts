/** Where one can go: what stands in the sidebar, the phone's bar and the palette. */
import {
  IconCalendarEvent,
  IconLayoutKanban,
  IconReceipt,
  IconServer2,
  IconSettings,
  IconUsers,
  type TablerIcon,
} from "@tabler/icons-react";
import type { Permission } from "@/api/pending";
import type { Me } from "@/api/session";

export interface Place {
  to: "/today" | "/schedule" | "/patients" | "/billing" | "/admin" | "/operator";
  /** Key in `common`. */
  label: string;
  icon: TablerIcon;
  permission: Permission;
  /** `g` and this letter goes there. */
  letter: string;
}

export const PLACES: readonly Place[] = [
  { to: "/today", label: "nav.today", icon: IconLayoutKanban, permission: "appointment_read", letter: "d" },
  { to: "/schedule", label: "nav.schedule", icon: IconCalendarEvent, permission: "appointment_read", letter: "s" },
  { to: "/patients", label: "nav.patients", icon: IconUsers, permission: "patient_read", letter: "p" },
  { to: "/billing", label: "nav.billing", icon: IconReceipt, permission: "invoice_read", letter: "b" },
  { to: "/admin", label: "nav.admin", icon: IconSettings, permission: "staff_read", letter: "a" },
  { to: "/operator", label: "nav.operator", icon: IconServer2, permission: "clinics_manage", letter: "o" },
];

export const placesOf = (me: Me): readonly Place[] =>
  PLACES.filter(({ permission }) => me.permissions.includes(permission));

/** Where somebody's day begins. */
export function homeOf(me: Me): "/today" | "/operator" | "/profile" {
  if (me.role === "platform_admin") return "/operator";
  return me.role === "patient" ? "/profile" : "/today";
}
