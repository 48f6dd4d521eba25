/** Where to go on after signing in. */
import { params, path, type RawSearch } from "@/lib/search";

export const search = (raw: RawSearch) => params({ next: path(raw.next) });
