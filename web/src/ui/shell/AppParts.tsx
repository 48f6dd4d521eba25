/** What every screen may count on beyond a page: the query cache, questions, toasts, and the styles of every component. */
import "../styles";
import { QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { queryClient } from "@/api/queryClient";
import { ConfirmProvider } from "../confirm";
import { Toasts } from "../toast";

export function AppParts({ children }: { children: ReactNode }) {
  return (
    <QueryClientProvider client={queryClient}>
      <ConfirmProvider>{children}</ConfirmProvider>
      <Toasts />
    </QueryClientProvider>
  );
}
