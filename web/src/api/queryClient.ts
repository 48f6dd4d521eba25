/** The one query cache of the app. It comes with the first screen that reads something. */
import { forgetWithSession, makeQueryClient } from "./query";

export const queryClient = makeQueryClient();
forgetWithSession(queryClient);
