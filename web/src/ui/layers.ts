/**
 * What stands over the page, in the order in which it opened: dialogs, panels, questions. Escape is for the uppermost alone; Mantine
 * by itself closes all that are open.
 */
import { useEffect, useEffectEvent } from "react";

export interface LayerProps {
  opened: boolean;
  onClose: () => void;
  closeOnEscape?: boolean;
}

type Close = () => void;
const layers: Close[] = [];

/** Takes part in the order while it is open. Mantine's part of it gets `closeOnEscape={false}`. */
export function useLayer({ opened, onClose, closeOnEscape = true }: LayerProps): void {
  const closeIfWanted = useEffectEvent(() => {
    if (closeOnEscape) onClose();
  });
  useEffect(() => {
    if (!opened) return;
    const close: Close = () => closeIfWanted();
    layers.push(close);
    if (layers.length === 1) window.addEventListener("keydown", onKeyDown, { capture: true });
    return () => {
      layers.splice(layers.indexOf(close), 1);
      if (layers.length === 0) window.removeEventListener("keydown", onKeyDown, { capture: true });
    };
  }, [opened]);
}

/** An open list or menu, which says so on what has the focus, is closed first. */
function onKeyDown(event: KeyboardEvent): void {
  if (event.key !== "Escape" || event.isComposing) return;
  const { target } = event;
  if (target instanceof Element && target.getAttribute("data-mantine-stop-propagation") === "true") return;
  layers.at(-1)?.();
}
