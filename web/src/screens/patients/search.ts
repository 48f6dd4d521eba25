/** What the addresses of the patients' list and of a chart carry. */
import { integer, oneOf, params, type RawSearch, text } from "@/lib/search";

export const search = (raw: RawSearch) =>
  params({
    search: text(raw.search),
    page: integer(raw.page),
    sort: text(raw.sort),
    order: oneOf(raw.order, ["asc", "desc"]),
  });

export const chartSearch = (raw: RawSearch) => params({ tab: text(raw.tab) });
