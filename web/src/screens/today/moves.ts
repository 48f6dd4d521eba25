/**
 * Bringing appointments to another state. A move shows at once, as long as it is under way; when it is refused it is no longer
 * shown, and the board says why.
 */
import { type QueryClient, useMutation, useMutationState, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { ApiProblem } from "@/api/problem";
import { apiQuery, invalidate, write } from "@/api/query";
import type { Board, BoardAppointment } from "./board";
import type { Status } from "./lanes";

export interface Move {
  appointment_id: number;
  version: number;
  from: Status;
  to: Status;
  reason?: string;
}

const MOVES = ["today", "move"] as const;
const CONCERNED = ["/api/board", "/api/schedule", "/api/appointments"];

/** Fields of an appointment that a move changes. */
type Moved = Pick<BoardAppointment, "status" | "status_changed_at" | "version">;

export function useMove() {
  const client = useQueryClient();
  return useMutation<Moved | null, Error, Move>({
    mutationKey: MOVES,
    mutationFn: (move) => send(client, move),
    onSuccess: async (moved, { appointment_id }) => {
      if (moved) await store(client, appointment_id, moved);
      // Where the answer doesn't tell, what was read before must not show again.
      else await invalidate(client, ["/api/board"]);
    },
    onSettled: () => void invalidate(client, CONCERNED),
  });
}

async function send(client: QueryClient, move: Move): Promise<Moved | null> {
  const params = { path: { appointment_id: move.appointment_id } };
  const { version, to, reason } = move;
  try {
    if (to === "cancelled") {
      const query = reason ? { reason } : {};
      await write("delete", "/api/appointments/{appointment_id}", { params: { ...params, query }, version });
      return null;
    }
    if (to === "scheduled") {
      return (await write("put", "/api/appointments/{appointment_id}/accept", { params, version })).appointment;
    }
    if (to === "rejected") {
      const body = reason ? { reason } : {};
      return (await write("put", "/api/appointments/{appointment_id}/reject", { params, body, version })).appointment;
    }
    const body = reason ? { status: to, reason } : { status: to };
    return (await write("put", "/api/appointments/{appointment_id}/status", { params, body, version })).appointment;
  } catch (error) {
    if (!(error instanceof ApiProblem && error.isStale)) throw error;
    // A first try whose answer was lost has changed the version, too: then everything is as it should be.
    const now = await client.fetchQuery({ ...apiQuery("/api/appointments/{appointment_id}", params), staleTime: 0 });
    if (now.status === to) return now;
    throw error;
  }
}

/** Puts an answer where the board reads it, so that nothing flickers until the board has loaded again. When it was read stays. */
async function store(client: QueryClient, id: number, { status, status_changed_at, version }: Moved): Promise<void> {
  await client.cancelQueries({ queryKey: ["/api/board"] });
  const change = (one: BoardAppointment) =>
    one.appointment_id === id && one.version < version ? { ...one, status, status_changed_at, version } : one;
  for (const { queryKey, state } of client.getQueryCache().findAll({ queryKey: ["/api/board"] })) {
    client.setQueryData<Board>(
      queryKey,
      (board) => board && { ...board, appointments: board.appointments.map(change) },
      { updatedAt: state.dataUpdatedAt },
    );
  }
}

interface UnderWay extends Move {
  at: number;
}

/** The moves that have been made here and not been answered yet. */
function useUnderWay(): readonly UnderWay[] {
  return useMutationState({
    filters: { mutationKey: MOVES, status: "pending" },
    select: ({ state }) => ({ ...(state.variables as Move), at: state.submittedAt }),
  });
}

/** The appointments as they are when all that is under way has arrived. */
export function useWithMoves(appointments: readonly BoardAppointment[]): readonly BoardAppointment[] {
  const moves = useUnderWay();
  return useMemo(() => withMoves(appointments, moves), [appointments, moves]);
}

export function withMoves(
  appointments: readonly BoardAppointment[],
  moves: readonly UnderWay[],
): readonly BoardAppointment[] {
  if (moves.length === 0) return appointments;
  const latest = new Map(moves.map((move) => [move.appointment_id, move]));
  return appointments.map((one) => {
    const move = latest.get(one.appointment_id);
    if (!move || one.version > move.version) return one;
    return { ...one, status: move.to, status_changed_at: new Date(move.at).toISOString() };
  });
}

/** Whether a move of this appointment waits for its answer: its version isn't known until then. */
export const useIsMoving = (): ((id: number) => boolean) => {
  const moves = useUnderWay();
  return (id) => moves.some(({ appointment_id }) => appointment_id === id);
};
