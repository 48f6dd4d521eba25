/** Who somebody is to the app, and where their day begins. */
import type { Me } from "@/api/types";

/** Whether somebody works here; a patient's permissions are about the own chart. */
export const isStaff = (me: Me): boolean => me.role !== "patient";

/** Where somebody's day begins. */
export function homeOf(me: Me): "/today" | "/operator" | "/profile" {
  if (me.role === "platform_admin") return "/operator";
  return me.role === "patient" ? "/profile" : "/today";
}
