/** The session for components, and what the person may do. */
import { type ReactNode, useSyncExternalStore } from "react";
import type { ActiveClinic, Permission } from "@/api/pending";
import { currentSession, currentUser, type Me, onSession, type Session } from "@/api/session";

export const useSession = (): Session => useSyncExternalStore(onSession, currentSession);

/** The person at work. Only below the app's layout, where there is one. */
export function useMe(): Me {
  const user = useSyncExternalStore(onSession, currentUser);
  if (user === null) throw new Error("nobody is signed in here");
  return user;
}

/** The clinic at work. Only on screens of a clinic. */
export function useClinic(): ActiveClinic {
  const { clinic } = useMe();
  if (clinic === null) throw new Error("no clinic is active here");
  return clinic;
}

/** Whether the person may do something here. The server decides; this only spares them a refusal. */
export function useCan(): (permission: Permission) => boolean {
  const { permissions } = useMe();
  return (permission) => permissions.includes(permission);
}

/** Shows its children to those who may. */
export function Can({
  do: permission,
  children,
  otherwise = null,
}: {
  do: Permission;
  children: ReactNode;
  otherwise?: ReactNode;
}) {
  return useCan()(permission) ? children : otherwise;
}
