/**
 * A small menu on the browser's own popover, for what stands around every screen: it must weigh next to nothing. Arrow keys, Home and
 * End move, Escape and a click elsewhere close, and the focus returns to the button.
 */
import type { TablerIcon } from "@tabler/icons-react";
import { createContext, type KeyboardEvent, type ReactNode, useContext, useId, useRef, useState } from "react";
import classes from "./PopMenu.module.css";

const WIDTH = 250;
const GAP = 6;

const Close = createContext<() => void>(() => undefined);

interface PopMenuProps {
  /** What the button says to who can't see it. */
  label: string;
  /** What the button shows. */
  trigger: ReactNode;
  className?: string;
  short?: boolean;
  children: ReactNode;
}

export function PopMenu({ label, trigger, className, short, children }: PopMenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const onToggle = (next: boolean) => {
    setOpen(next);
    if (next) items(menu.current)[0]?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        data-short={short || undefined}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        popoverTarget={id}
      >
        {trigger}
      </button>
      <div
        ref={menu}
        id={id}
        popover="auto"
        role="menu"
        tabIndex={-1}
        aria-label={label}
        className={classes.menu}
        onBeforeToggle={(event) => event.newState === "open" && place(menu.current, button.current)}
        onToggle={(event) => onToggle(event.newState === "open")}
        onKeyDown={(event) => move(event, menu.current)}
      >
        <Close value={() => menu.current?.hidePopover()}>{children}</Close>
      </div>
    </>
  );
}

/** Below the button, or above it where there is more room; never outside of the window. */
function place(menu: HTMLElement | null, button: HTMLElement | null): void {
  if (!menu || !button) return;
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const wanted = document.dir === "rtl" ? right - WIDTH : left;
  menu.style.left = `${Math.max(GAP, Math.min(wanted, innerWidth - WIDTH - GAP))}px`;
  const isBelow = innerHeight - bottom > top;
  menu.style.top = isBelow ? `${bottom + GAP}px` : "auto";
  menu.style.bottom = isBelow ? "auto" : `${innerHeight - top + GAP}px`;
}

const items = (menu: HTMLElement | null): HTMLElement[] => [
  ...(menu?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? []),
];

function move(event: KeyboardEvent, menu: HTMLElement | null): void {
  const all = items(menu);
  const at = all.indexOf(document.activeElement as HTMLElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Tab") menu?.hidePopover();
  if (next === undefined) return;
  event.preventDefault();
  all.at(next % all.length)?.focus();
}

export function PopGroup({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div role="group" aria-label={label} className={classes.group}>
      <div className={classes.label} aria-hidden>
        {label}
      </div>
      {children}
    </div>
  );
}

interface PopItemProps {
  icon?: TablerIcon;
  children: ReactNode;
  /** The end of the line. */
  aside?: ReactNode;
  /** One of several choices, and whether it is the chosen one. */
  checked?: boolean;
  lang?: string;
  onSelect: () => void;
}

export function PopItem({ icon: Icon, children, aside, checked, lang, onSelect }: PopItemProps) {
  const close = useContext(Close);
  const kind = checked === undefined ? { role: "menuitem" } : { role: "menuitemradio", "aria-checked": checked };
  return (
    <button
      type="button"
      {...kind}
      lang={lang}
      tabIndex={-1}
      className={classes.item}
      onClick={() => {
        close();
        onSelect();
      }}
    >
      {Icon && <Icon size={17} stroke={1.7} aria-hidden />}
      <span className={classes.text}>{children}</span>
      {aside}
    </button>
  );
}
