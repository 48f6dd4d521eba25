/** A quiet surface for things that belong together. */
import { Box, type BoxProps, type ElementProps, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Card.module.css";

interface CardProps extends BoxProps, ElementProps<"section", "title"> {
  title?: ReactNode;
  actions?: ReactNode;
}

export function Card({ title, actions, children, className, ...rest }: CardProps) {
  return (
    <Box component="section" className={[classes.card, className].filter(Boolean).join(" ")} {...rest}>
      {title && (
        <header className={classes.header}>
          <Title order={2}>{title}</Title>
          {actions}
        </header>
      )}
      {children}
    </Box>
  );
}
