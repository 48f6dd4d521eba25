/** Who somebody is to the app, and where their day begins. */
import type { Me, Permission } from "@/api/types";

/** Whether somebody works here; a patient's permissions are about the own chart. */
export const isStaff = (me: Me): boolean => me.role !== "patient";

/** What a place needs: a permission, or one of several. */
export type Needed = Permission | readonly Permission[];

/** Whether somebody of the staff may be in a place. */
export function mayEnter(me: Me, needed: Needed): boolean {
  const any: readonly Permission[] = typeof needed === "string" ? [needed] : needed;
  return isStaff(me) && any.some((permission) => me.permissions.includes(permission));
}

/** Where somebody's day begins. */
export function homeOf(me: Me): "/today" | "/operator" | "/profile" {
  if (me.role === "platform_admin") return "/operator";
  return me.role === "patient" ? "/profile" : "/today";
}
