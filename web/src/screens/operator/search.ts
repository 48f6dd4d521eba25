/** What the operator's address carries. */
import { day, integer, params, type RawSearch, text } from "@/lib/search";

export const search = (raw: RawSearch) =>
  params({
    search: text(raw.search),
    clinic: integer(raw.clinic),
    from: day(raw.from),
    to: day(raw.to),
    page: integer(raw.page),
  });
