/** Sends a file with what belongs to it, and says how far it is. `fetch` can't tell, so this is the one place that uses an older way. */
import { lost, reached } from "./connection";
import { ApiProblem, NoConnection, problemOf } from "./problem";
import { renewAfterRefusal, stillRefused, validToken } from "./session";

export interface Upload {
  path: string;
  /** The fields of the form; the file is sent last, so that the server knows what it is about. */
  fields?: Readonly<Record<string, string>>;
  file: File;
  /** The same for every try of the same file. */
  key: string;
  /** From 0 to 1. */
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
}

/** What the server answers; throws `ApiProblem`, `NoConnection`, or an `AbortError` if it was called off. */
export async function upload<T>(what: Upload): Promise<T> {
  const token = await validToken();
  let answer = await attempt(what, token);
  if (answer.status === 401 && token !== null) {
    if (!(await renewAfterRefusal(token))) throw stillRefused();
    answer = await attempt(what, await validToken());
  }
  if (!answer.ok) throw await problemOf(answer);
  return (await answer.json()) as T;
}

function attempt(
  { path, fields = {}, file, key, onProgress, signal }: Upload,
  token: string | null,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", new URL(path, location.origin));
    request.setRequestHeader("X-ClinicHub-Client", "web");
    request.setRequestHeader("Idempotency-Key", key);
    if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    const stop = () => request.abort();
    signal?.addEventListener("abort", stop);
    request.upload.onprogress = ({ loaded, total }) => onProgress?.(total > 0 ? loaded / total : 0);
    request.onload = () => {
      reached();
      const headers = new Headers();
      const wait = request.getResponseHeader("Retry-After");
      if (wait) headers.set("Retry-After", wait);
      resolve(new Response(request.response as string, { status: request.status, headers }));
    };
    request.onerror = () => {
      lost();
      reject(new NoConnection(new Error("the upload broke off")));
    };
    request.onabort = () => reject(new DOMException("called off", "AbortError"));
    request.onloadend = () => signal?.removeEventListener("abort", stop);
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("file", file, file.name);
    request.send(form);
  });
}

/** Whether somebody called it off. */
export const isCalledOff = (error: unknown): boolean =>
  error instanceof DOMException && error.name === "AbortError" && !(error instanceof ApiProblem);
