/** What billing's address carries. */
import { day, integer, oneOf, params, type RawSearch, text } from "@/lib/search";

export const TABS = ["to-bill", "invoices", "fees"] as const;

export const search = (raw: RawSearch) =>
  params({
    tab: oneOf(raw.tab, TABS),
    search: text(raw.search),
    status: oneOf(raw.status, ["paid", "unpaid"]),
    patient: integer(raw.patient),
    from: day(raw.from),
    to: day(raw.to),
    page: integer(raw.page),
  });
