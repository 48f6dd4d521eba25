/** The board's read, until openapi.json names it. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { authorizedFetch } from "@/api/client";
import { problemOf } from "@/api/problem";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];

export interface BoardAppointment {
  appointment_id: number;
  reference: string;
  version: number;
  patient_id: number;
  patient: {
    first_name: string;
    last_name: string;
    mrn: string;
    dob: string;
    sex: string;
    phone?: string | null;
    preferred_language?: string | null;
  };
  provider_user_id: number;
  provider_name: string;
  scheduled_start: string;
  scheduled_end: string;
  status: Schemas["Status"];
  status_changed_at: string;
  department?: string | null;
  reason?: string | null;
  notes?: string | null;
  close_reason?: string | null;
  service?: { service_id: number; code: string; description: string; price: string; currency: string } | null;
  arrived_at?: string | null;
  cpt_id?: number | null;
  invoice_id?: number | null;
}

export interface Board {
  date: string;
  time_zone: string;
  now: string;
  appointments: BoardAppointment[];
  truncated: boolean;
  doctors: { user_id: number; name: string; specialization?: string | null; color_index: number }[];
  open_ends: number;
  requests: number;
}

export function useBoard(date: string) {
  return useQuery<Board>({
    queryKey: ["/api/board", { query: { date } }],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const answer = await authorizedFetch(
        new Request(new URL(`/api/board?date=${date}`, location.origin), { signal }),
      );
      if (!answer.ok) throw await problemOf(answer);
      return (await answer.json()) as Board;
    },
  });
}
