/** A short word about a state. The tone only underlines it: the word says everything. */
import type { TablerIcon } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./Tag.module.css";

export type Tone = "neutral" | "info" | "accent" | "good" | "warn" | "bad";

export function Tag({
  tone = "neutral",
  icon: Icon,
  children,
}: {
  tone?: Tone;
  icon?: TablerIcon;
  children: ReactNode;
}) {
  return (
    <span className={classes.tag} data-tone={tone}>
      {Icon && <Icon size={13} stroke={2} aria-hidden />}
      {children}
    </span>
  );
}
