/** What the address of the inbox carries. */
import { flag, integer, oneOf, params, type RawSearch } from "@/lib/search";

export const search = (raw: RawSearch) =>
  params({
    show: oneOf(raw.show, ["unsigned", "unreleased", "all"]),
    abnormal: flag(raw.abnormal),
    report: integer(raw.report),
    page: integer(raw.page),
  });
