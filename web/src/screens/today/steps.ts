/** Icons of the steps, the same in menus, panels and lists. */
import {
  IconCalendarCheck,
  IconCheck,
  IconDoor,
  IconEyeCheck,
  IconScan,
  IconThumbUp,
  IconUserCheck,
  IconUserOff,
  IconX,
  type TablerIcon,
} from "@tabler/icons-react";
import { isInHouse, type Status } from "./lanes";

export const STEP_ICONS: Readonly<Record<Status, TablerIcon>> = {
  pending: IconCalendarCheck,
  scheduled: IconCalendarCheck,
  confirmed: IconThumbUp,
  waiting: IconUserCheck,
  in_room: IconDoor,
  in_scan: IconScan,
  review: IconEyeCheck,
  completed: IconCheck,
  cancelled: IconX,
  no_show: IconUserOff,
  rejected: IconX,
};

/** Those that end an appointment without a visit; they stand apart. */
export const isEnding = (to: Status): boolean => to === "cancelled" || to === "no_show" || to === "rejected";

/** The key of the words for a step: who was in the house already isn't checked in again. */
export const stepKey = (from: Status, to: Status): string => (to === "waiting" && isInHouse(from) ? "back" : to);
