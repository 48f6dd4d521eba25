/** The frame of a screen: its title, what can be done on it, its content. */
import { Group, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect, useLayoutEffect, useRef } from "react";
import classes from "./Page.module.css";

interface PageProps {
  title: ReactNode;
  /** For the browser's tab, where `title` is more than text. */
  documentTitle?: string;
  subtitle?: ReactNode;
  /** Buttons at the end of the title's line. */
  actions?: ReactNode;
  /** A line below the title: filters, tabs. */
  toolbar?: ReactNode;
  /** Uses the whole width: boards and calendars. */
  wide?: boolean;
  children: ReactNode;
}

export function Page({ title, documentTitle, subtitle, actions, toolbar, wide = false, children }: PageProps) {
  const shown = documentTitle ?? (typeof title === "string" ? title : "");
  useEffect(() => {
    document.title = shown ? `${shown} · ClinicHub` : "ClinicHub";
  }, [shown]);
  const heading = useFocusOfBefore();
  return (
    <div className={classes.page} data-wide={wide || undefined}>
      <header className={classes.header}>
        <div className={classes.heading}>
          {/* Where the focus goes when one comes here, so that a screen reader says where one is. */}
          <Title ref={heading} order={1} tabIndex={-1} className={classes.title}>
            {title}
          </Title>
          {subtitle && (
            <Text c="dimmed" size="sm">
              {subtitle}
            </Text>
          )}
        </div>
        {actions && (
          <Group gap="xs" className={classes.actions}>
            {actions}
          </Group>
        )}
      </header>
      {toolbar && <div className={classes.toolbar}>{toolbar}</div>}
      {children}
    </div>
  );
}

/** A title had the focus when its page went. */
let isOrphaned = false;

/** A page takes the place of another when its content is there: the title of the one has the focus that the other's had. */
function useFocusOfBefore() {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    const title = heading.current;
    if (isOrphaned && document.activeElement === document.body) title?.focus({ preventScroll: true });
    isOrphaned = false;
    return () => {
      isOrphaned = document.activeElement === title;
    };
  }, []);
  return heading;
}
