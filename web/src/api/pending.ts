/** Shapes that the server answers with and that openapi.json does not name yet. Each goes when the document has it. */
import type { components } from "./schema";

export type Permission = components["schemas"]["Permission"];

export interface ActiveClinic {
  clinic_id: number;
  code: string;
  name: string;
  time_zone: string;
  currency: string;
  slot_minutes: number;
  status: "active" | "inactive" | "suspended";
}

export interface PendingMe {
  permissions: Permission[];
  clinic: ActiveClinic | null;
  doctor: boolean;
  preferences: Record<string, unknown>;
}
