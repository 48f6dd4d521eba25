/** What the board's address carries. */
import { day, flag, integer, oneOf, params, type RawSearch, text } from "@/lib/search";

/** The columns of the board, in the order of a visit. */
export const LANES = ["expected", "waiting", "in_room", "in_scan", "review", "done"] as const;
export type Lane = (typeof LANES)[number];

/** Lists that open beside the board. */
export const LISTS = ["open-ends", "requests", "closed"] as const;

export const search = (raw: RawSearch) =>
  params({
    date: day(raw.date),
    provider: integer(raw.provider),
    department: text(raw.department),
    /** The column that a phone shows. */
    lane: oneOf(raw.lane, LANES),
    /** Whose panel is open. */
    appointment: integer(raw.appointment),
    list: oneOf(raw.list, LISTS),
    /** As a display on the wall. */
    display: flag(raw.display),
  });
