/** The day as the server tells it. */
export type { Board, BoardAppointment } from "./pending";
export { useBoard } from "./pending";
