/**
 * Dragging with a pointer. A mouse drags once it has moved a little; a finger must rest first, so that one can still scroll.
 */

export interface Dragging {
  start: () => void;
  move: (x: number, y: number) => void;
  drop: (x: number, y: number) => void;
  /** It ended without a drop, or never started. */
  cancel: () => void;
}

interface Down {
  pointerId: number;
  pointerType: string;
  clientX: number;
  clientY: number;
}

/** Pixels that a mouse moves before it drags. */
const THRESHOLD = 5;
/** How long a finger rests, and how far it may stray meanwhile. */
const REST = 280;
const STRAY = 9;

/** Follows a pointer that went down, until it goes up. Returns what ends it early. */
export function follow(down: Down, on: Dragging): () => void {
  const isMouse = down.pointerType === "mouse";
  const listening = new AbortController();
  const options = { signal: listening.signal, capture: true };
  let isDragging = false;
  let at = [down.clientX, down.clientY] as const;
  const begin = () => {
    isDragging = true;
    on.start();
    on.move(...at);
  };
  const resting = isMouse ? undefined : setTimeout(begin, REST);
  const end = () => {
    clearTimeout(resting);
    listening.abort();
  };
  const cancel = () => {
    end();
    on.cancel();
  };
  const moved = (event: PointerEvent) => {
    if (event.pointerId !== down.pointerId) return;
    at = [event.clientX, event.clientY];
    if (isDragging) return on.move(...at);
    const distance = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY);
    if (isMouse && distance > THRESHOLD) begin();
    else if (!isMouse && distance > STRAY) cancel();
  };
  const up = (event: PointerEvent) => {
    if (event.pointerId !== down.pointerId) return;
    if (!isDragging) return cancel();
    end();
    swallowClick();
    on.drop(event.clientX, event.clientY);
  };
  const keep = (event: Event) => {
    if (isDragging) event.preventDefault();
  };
  window.addEventListener("pointermove", moved, options);
  window.addEventListener("pointerup", up, options);
  window.addEventListener("pointercancel", (event) => event.pointerId === down.pointerId && cancel(), options);
  // The browser must neither scroll nor open a menu for a finger that drags.
  window.addEventListener("touchmove", keep, { ...options, passive: false });
  window.addEventListener("contextmenu", (event) => !isMouse && event.preventDefault(), options);
  window.addEventListener(
    "keydown",
    (event) => {
      if (!isDragging || event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      cancel();
    },
    options,
  );
  return cancel;
}

/** What was dragged was not clicked. */
function swallowClick(): void {
  const swallow = (event: MouseEvent) => {
    event.preventDefault();
    event.stopPropagation();
  };
  window.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => window.removeEventListener("click", swallow, { capture: true }));
}
