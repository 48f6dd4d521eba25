/** Keeps the focus near where it was when what had it goes away: whoever works by keyboard or with a screen reader goes on from there. */
import { type RefObject, useEffect, useState } from "react";

const FOCUSABLE = "a[href], button:not(:disabled), input:not(:disabled), select, textarea, [tabindex='0']";

/** For what stands over the page, such as a dialog: the focus returns to where it came from. */
export function useFocusBack(): void {
  const [path] = useState(() => pathOf(origin()));
  useEffect(() => () => giveBack(path), [path]);
}

/** For what goes from the page with the focus in it, such as a form that is done: the focus goes to what is beside it, or to the title. */
export function useFocusBeside(ref?: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const [, ...path] = pathOf(ref?.current ?? null);
    return () => giveBack(path);
  }, [ref]);
}

/** What has the focus; for an item of a menu, which goes away, the menu's button. */
function origin(): Element | null {
  const focused = document.activeElement;
  const menu = focused?.closest("[role=menu]");
  return menu?.id ? document.querySelector(`[aria-controls="${CSS.escape(menu.id)}"]`) : focused;
}

/** An element and all that it is in. */
function pathOf(element: Element | null): readonly Element[] {
  const path: Element[] = [];
  for (let one = element; one && one !== document.body; one = one.parentElement) path.push(one);
  return path;
}

function giveBack(path: readonly Element[]): void {
  requestAnimationFrame(() => {
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (isLost) nearest(path)?.focus({ preventScroll: true });
  });
}

/**
 * The element itself, or the first that can have the focus in the smallest part around it that is still there. Who was nowhere, and came
 * by a key, goes on at the title.
 */
function nearest(path: readonly Element[]): HTMLElement | null {
  for (const place of path.filter((one) => one.isConnected && !one.matches("main"))) {
    if (place.matches(`${FOCUSABLE}, h1`)) return place as HTMLElement;
    const inner = place.querySelector<HTMLElement>(FOCUSABLE);
    if (inner) return inner;
  }
  return document.querySelector<HTMLElement>("main h1");
}
