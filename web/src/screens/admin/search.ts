/** What the administration's address carries. */
import { day, integer, oneOf, params, type RawSearch, text } from "@/lib/search";

export const TABS = ["staff", "permissions", "doctors", "clinic", "audit"] as const;

export const search = (raw: RawSearch) =>
  params({
    tab: oneOf(raw.tab, TABS),
    search: text(raw.search),
    role: text(raw.role),
    user: integer(raw.user),
    patient: integer(raw.patient),
    action: text(raw.action),
    from: day(raw.from),
    to: day(raw.to),
    page: integer(raw.page),
  });
