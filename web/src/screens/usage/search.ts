/** What the address of the usage report carries. */
import { day, integer, params, type RawSearch } from "@/lib/search";

export const search = (raw: RawSearch) =>
  params({
    clinic: integer(raw.clinic),
    from: day(raw.from),
    to: day(raw.to),
    page: integer(raw.page),
  });
