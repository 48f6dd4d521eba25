/** What the address of the visits' list carries. */
import { day, integer, oneOf, params, type RawSearch } from "@/lib/search";

export const search = (raw: RawSearch) =>
  params({
    status: oneOf(raw.status, ["open", "in_progress", "completed"]),
    provider: integer(raw.provider),
    from: day(raw.from),
    to: day(raw.to),
    page: integer(raw.page),
  });
