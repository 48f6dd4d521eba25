/** The API's answers that billing shows. */
import type { Answer } from "@/api/query";

export type Record = Answer<"/api/cpt-records">["cpt_records"][number];
export type InvoiceBrief = Answer<"/api/invoices">["invoices"][number];
export type Total = Answer<"/api/invoices">["totals"][number];
export type Service = Answer<"/api/fee-schedule">["services"][number];

/** How money comes in; what the server stores as `payment_method`. */
export const METHODS = ["cash", "card", "transfer", "insurance", "other"] as const;
export type Method = (typeof METHODS)[number];
