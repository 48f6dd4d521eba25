/** What the schedule's address carries. */
import { day, integer, oneOf, params, type RawSearch } from "@/lib/search";

export const VIEWS = ["day", "week", "list"] as const;

export const search = (raw: RawSearch) =>
  params({
    date: day(raw.date),
    view: oneOf(raw.view, VIEWS),
    provider: integer(raw.provider),
    appointment: integer(raw.appointment),
    patient: integer(raw.patient),
  });
