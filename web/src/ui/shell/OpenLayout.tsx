/** Around screens that need no session and yet all that the app has. */
import { Outlet } from "@tanstack/react-router";
import { AppParts } from "./AppParts";

export function OpenLayout() {
  return (
    <AppParts>
      <Outlet />
    </AppParts>
  );
}
