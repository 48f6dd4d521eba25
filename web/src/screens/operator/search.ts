/** What the operator's address carries. */
import { day, integer, oneOf, params, type RawSearch, text } from "@/lib/search";

export const STATUSES = ["active", "suspended", "inactive"] as const;
export const SORTS = ["code", "name", "created_at"] as const;

export const search = (raw: RawSearch) =>
  params({
    search: text(raw.search),
    status: oneOf(raw.status, STATUSES),
    sort: oneOf(raw.sort, SORTS),
    order: oneOf(raw.order, ["asc", "desc"]),
    from: day(raw.from),
    to: day(raw.to),
    page: integer(raw.page),
  });
