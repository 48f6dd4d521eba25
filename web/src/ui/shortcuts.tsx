/**
 * Keys that do something. A component says which keys it takes while it is mounted; letters are left
 * alone while somebody types or a dialog is open.
 */
import { useEffect, useRef, useSyncExternalStore } from "react";
import classes from "./shortcuts.module.css";

interface Shortcut {
  /** One key (`b`), a sequence (`g t`), or with Control or Command (`mod+k`). */
  keys: string;
  label: string;
  run: () => void;
}

const SEQUENCE = 900;
let known: readonly Shortcut[] = [];
const listeners = new Set<() => void>();

function change(next: readonly Shortcut[]): void {
  known = next;
  for (const listener of listeners) listener();
}

/** Takes a key while the component is mounted. */
export function useShortcut(keys: string, label: string, run: () => void, isOn = true): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    if (!isOn) return;
    const mine = { keys, label, run: () => latest.current() };
    change([...known, mine]);
    return () => change(known.filter((one) => one !== mine));
  }, [keys, label, isOn]);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

const hasDialog = (): boolean => document.querySelector('[role="dialog"][aria-modal="true"]') !== null;

/** Does what a key does, for who prefers a menu. */
export function press(keys: string): void {
  known.findLast((shortcut) => shortcut.keys === keys)?.run();
}

/** Listens; once, in the shell. */
export function useShortcutKeys(): void {
  useEffect(() => {
    let pressed = "";
    let at = 0;
    const hear = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || event.isComposing) return;
      const isMod = event.ctrlKey || event.metaKey;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (!isMod && (isTyping(event.target) || hasDialog())) return;
      const now = Date.now();
      const sequence = now - at < SEQUENCE && pressed ? `${pressed} ${key}` : key;
      const find = (keys: string) => known.findLast((shortcut) => shortcut.keys === keys);
      const found = isMod ? find(`mod+${key}`) : (find(sequence) ?? find(key));
      [pressed, at] = found || isMod ? ["", 0] : [key, now];
      if (!found) return;
      event.preventDefault();
      found.run();
    };
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, []);
}

export function useKnownShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => known,
  );
}

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

/** Keys as they stand on the keyboard. */
export function Keys({ keys }: { keys: string }) {
  const names = keys
    .split(/[ +]/)
    .map((key) => (key === "mod" ? (isApple ? "⌘" : "Ctrl") : key.length === 1 ? key.toUpperCase() : key));
  return (
    <span dir="ltr" className={classes.keys}>
      {names.map((name, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a key may come twice
        <kbd key={index} className={classes.key}>
          {name}
        </kbd>
      ))}
    </span>
  );
}
