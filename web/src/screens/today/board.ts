/** The board's read: the whole day in one request. */
import { type Answer, useApiQuery } from "@/api/query";

export type Board = Answer<"/api/board">;
export type BoardAppointment = Board["appointments"][number];

export const useBoard = (date: string) => useApiQuery("/api/board", { query: { date } });
