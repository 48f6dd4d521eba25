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
import type { Me, Permission } from "@/api/types";
import { isStaff } from "./home";

export interface Place {
  to: "/today" | "/schedule" | "/patients" | "/billing" | "/admin" | "/operator";
  /** Key in `common`. */
  label: string;
  /** Where there is little room: the phone's bar. */
  short?: string;
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
  {
    to: "/admin",
    label: "nav.admin",
    short: "nav.adminShort",
    icon: IconSettings,
    permission: "staff_read",
    letter: "a",
  },
  { to: "/operator", label: "nav.operator", icon: IconServer2, permission: "clinics_manage", letter: "o" },
];

export const placesOf = (me: Me): readonly Place[] =>
  PLACES.filter(({ permission }) => isStaff(me) && me.permissions.includes(permission));
