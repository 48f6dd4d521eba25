/** What the parts of the board may do. It stays the same while one works, so that cards are not drawn again for it. */
import { createContext, useContext } from "react";
import type { BoardAppointment } from "./board";
import type { Status } from "./lanes";

export interface Actions {
  /** The states that this person may bring the appointment to. */
  stepsOf: (appointment: BoardAppointment) => readonly Status[];
  /** Brings it there; asks for a reason or whether it is meant, where that is needed. */
  act: (appointment: BoardAppointment, to: Status) => void;
  /** Opens its panel. */
  open: (appointment: BoardAppointment) => void;
  /** Opens its menu at a button. */
  menu: (appointment: BoardAppointment, at: HTMLElement) => void;
  /** The place of a provider among the colours. */
  colorOf: (provider: number) => number | undefined;
}

const Context = createContext<Actions | null>(null);
export const ActionsProvider = Context.Provider;

export function useActions(): Actions {
  const actions = useContext(Context);
  if (!actions) throw new Error("only on the board");
  return actions;
}
