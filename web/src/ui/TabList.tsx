/** The tabs of a screen in one line. Where that is wider than the screen, the chosen one is brought into sight. */
import { Tabs } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";

interface TabListProps {
  /** The chosen one. */
  value: string | undefined;
  className?: string | undefined;
  children: ReactNode;
}

export function TabList({ value, className, children }: TabListProps) {
  const list = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time that another one is chosen
  useEffect(() => {
    const chosen = list.current?.querySelector<HTMLElement>("[aria-selected=true]");
    if (!list.current || !chosen) return;
    const [frame, tab] = [list.current.getBoundingClientRect(), chosen.getBoundingClientRect()];
    if (tab.left < frame.left || tab.right > frame.right) {
      list.current.scrollLeft += tab.left + tab.width / 2 - (frame.left + frame.width / 2);
    }
  }, [value]);
  return (
    <Tabs.List ref={list} mb="md" className={className}>
      {children}
    </Tabs.List>
  );
}
