/** A line of fields, such as what narrows a list: beside each other where there is room; below each other on a phone, two dates in a line. */
import { Group } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./FilterBar.module.css";

export function FilterBar({ children, mb }: { children: ReactNode; mb?: "md" }) {
  return (
    <Group className={classes.filters} gap="sm" align="end" mb={mb}>
      {children}
    </Group>
  );
}
