/** Short messages about what was done, with a way back where there is one. They never hold what one must read to go on. */
import type { TFunction } from "i18next";
import { lazy, Suspense, useSyncExternalStore } from "react";
import { problemText } from "./problemText";
import type { Toast } from "./toaster";

const load = () => import("./toaster");
const Toaster = lazy(load);

let isNeeded = false;
const listeners = new Set<() => void>();

/** The place for toasts, once there is one. */
export function Toasts() {
  const isShown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isNeeded,
  );
  return <Suspense>{isShown && <Toaster />}</Suspense>;
}

async function show(toast: Toast): Promise<void> {
  isNeeded = true;
  for (const listener of listeners) listener();
  (await load()).show(toast);
}

/** Said and gone. */
export const done = (message: string): void => void show({ message });

/** Done, and can be taken back. */
export const undoable = (message: string, undo: () => unknown, t: TFunction): void =>
  void show({ message, undo: { label: t("common:action.undo"), run: undo } });

/** Something that was done without a form went wrong. */
export const failed = (error: unknown, t: TFunction): void => refused(problemText(error, t));

/** The same, where the screen has better words for it. */
export const refused = (message: string): void => void show({ message, isFailure: true });
