/** What the board's address carries. */
import { day, params, type RawSearch } from "@/lib/search";

export const search = (raw: RawSearch) => params({ date: day(raw.date) });
