/**
 * The only way to the API: typed by openapi.json, with a token that holds, and with errors thrown as `ApiProblem` or
 * `NoConnection`. A request that meets the end of the session waits until somebody has signed in again, and then goes on.
 */
import createClient, { type Middleware } from "openapi-fetch";
import { lost, reached } from "./connection";
import { NoConnection, problemOf } from "./problem";
import type { paths } from "./schema";
import { renewAfterRefusal, stillRefused, validToken } from "./session";

async function send(request: Request, token: string | null): Promise<Response> {
  const attempt = request.clone();
  attempt.headers.set("X-ClinicHub-Client", "web");
  if (token) attempt.headers.set("Authorization", `Bearer ${token}`);
  try {
    const answer = await fetch(attempt);
    reached();
    return answer;
  } catch (error) {
    if (request.signal.aborted) throw error;
    lost();
    throw new NoConnection(error);
  }
}

/** `fetch` with the session. */
export async function authorizedFetch(request: Request): Promise<Response> {
  const token = await validToken();
  const answer = await send(request, token);
  if (answer.status !== 401 || token === null) return answer;
  if (!(await renewAfterRefusal(token))) throw stillRefused();
  return send(request, await validToken());
}

const refusals: Middleware = {
  async onResponse({ response }) {
    if (!response.ok && response.status !== 304) throw await problemOf(response);
    return undefined;
  },
};

export const api = createClient<paths>({ baseUrl: location.origin, fetch: authorizedFetch });
api.use(refusals);

/** What a file of the API holds. */
export async function file(path: string): Promise<Blob> {
  const answer = await authorizedFetch(new Request(new URL(path, location.origin)));
  if (!answer.ok) throw await problemOf(answer);
  return answer.blob();
}

/** A file of the API (CSV, iCalendar), saved under `name` by the browser. */
export async function download(path: string, name: string): Promise<void> {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await file(path));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** How long a document in a tab of its own can be loaded again or printed from there. */
const SHOWN_FOR = 10 * 60_000;

/**
 * A document of the API, shown by the browser in a tab of its own. The tab is opened at once, while the click still counts as the person's wish;
 * where none may be opened the document is saved under `name`.
 */
export async function show(path: string, name: string): Promise<void> {
  const tab = window.open("", "_blank");
  if (tab === null) return download(path, name);
  try {
    const url = URL.createObjectURL(await file(path));
    tab.location.href = url;
    setTimeout(() => URL.revokeObjectURL(url), SHOWN_FOR);
  } catch (error) {
    tab.close();
    throw error;
  }
}
