/** From an appointment to its visit: the one that there is, or a new one for somebody who is there. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { write } from "@/api/operations";
import { apiQuery, invalidate } from "@/api/query";
import type { Schemas } from "@/api/types";
import { failed } from "../toast";

type Status = Schemas["Status"];

/** Somebody who may still come, is there, or was: whose appointment can have a visit. */
const BEFORE: readonly Status[] = ["scheduled", "confirmed", "waiting"];
const DURING: readonly Status[] = ["in_room", "in_scan", "review"];

/** What is offered for an appointment: to begin its visit, or to open it. */
export function visitStep(status: Status): "start" | "open" | null {
  if (BEFORE.includes(status)) return "start";
  return DURING.includes(status) || status === "completed" ? "open" : null;
}

/** Goes to the visit of an appointment. `ask` is asked before one is begun for an appointment that is completed. */
export function useOpenVisit(): (appointmentId: number, status: Status, ask: () => Promise<boolean>) => Promise<void> {
  const { t } = useTranslation("common");
  const client = useQueryClient();
  const navigate = useNavigate();
  return async (appointmentId, status, ask) => {
    try {
      const known = apiQuery("/api/visits", { query: { appointment_id: appointmentId } });
      const { visits } = await client.fetchQuery({ ...known, staleTime: 0 });
      let id = visits[0]?.visit_id;
      if (id === undefined) {
        // A visit that is written down after the appointment was completed is rare, and not meant by a look.
        if (status === "completed" && !(await ask())) return;
        const { visit } = await write("post", "/api/visits", { body: { appointment_id: appointmentId } });
        id = visit.visit_id;
        void invalidate(client, ["/api/board", "/api/schedule", "/api/visits", "/api/patients/{patient_id}"]);
      }
      await navigate({ to: "/visits/$visitId", params: { visitId: String(id) } as never });
    } catch (error) {
      failed(error, t);
    }
  };
}
