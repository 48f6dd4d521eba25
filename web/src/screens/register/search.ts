/** A clinic's own link names it: `/register?clinic=ABC01`. */
import { params, type RawSearch, text } from "@/lib/search";

export const search = (raw: RawSearch) => params({ clinic: text(raw.clinic) });
