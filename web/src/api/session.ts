/**
 * Who is signed in. The access token lives here and nowhere else: in this tab's memory. The refresh token is in a cookie that
 * scripts can't read. It works once, so the tabs of a browser take turns (Web Locks) and tell each other what they got.
 */

import { lost, reached } from "./connection";
import type { PendingMe } from "./pending";
import { ApiProblem, NoConnection, problemOf } from "./problem";
import type { components } from "./schema";

export type Me = components["schemas"]["User"] & PendingMe;
type Tokens = components["schemas"]["Tokens"];
export type Login = components["schemas"]["LoginBody"];

export type Session =
  /** Nobody has asked yet whether there is a session to go on with. */
  | { state: "unknown" }
  | { state: "none" }
  | { state: "open"; token: string; endsAt: number; user: Me }
  /** The session ended while somebody was working: they sign in again over the screen, which stays as it is. */
  | { state: "expired"; user: Me };

const LOCK = "clinichub-refresh";
const CHANNEL = "clinichub-session";
/** Says that there was a session, so that a visitor who never signed in costs no request. Holds nothing else. */
const HINT = "clinichub.session";
/** A token that ends within this many milliseconds is renewed before it is used. */
const EARLY = 20_000;

let session: Session = { state: "unknown" };
let renewing: Promise<boolean> | null = null;
const listeners = new Set<() => void>();
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);

export const currentSession = (): Session => session;

/** The person who is signed in, also while the session has to be renewed. */
export const currentUser = (): Me | null => ("user" in session ? session.user : null);

export function onSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function set(next: Session): void {
  session = next;
  const hasOne = next.state === "open" || next.state === "expired";
  if (next.state !== "unknown") hasOne ? localStorage.setItem(HINT, "1") : localStorage.removeItem(HINT);
  for (const listener of listeners) listener();
}

function opened({ access_token, expires_in, user }: Tokens): Session {
  return { state: "open", token: access_token, endsAt: Date.now() + expires_in * 1000, user: complete(user) };
}

/** What a server of the version before leaves out. */
function complete(user: Tokens["user"]): Me {
  const known = user as Tokens["user"] & Partial<PendingMe>;
  return {
    ...known,
    permissions: known.permissions ?? [],
    clinic: known.clinic ?? null,
    doctor: known.doctor ?? false,
    preferences: known.preferences ?? {},
  };
}

if (channel) {
  channel.onmessage = ({ data }: MessageEvent<Session>) => set(data);
}

/** Takes over new tokens here and in the other tabs. */
function accept(tokens: Tokens): Me {
  const next = opened(tokens);
  set(next);
  channel?.postMessage(next);
  return (next as { user: Me }).user;
}

async function post(path: string, body?: unknown, token?: string): Promise<Response> {
  const headers: Record<string, string> = { "X-ClinicHub-Client": "web" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    reached();
    return answer;
  } catch (error) {
    lost();
    throw new NoConnection(error);
  }
}

async function tokensFrom(answer: Response): Promise<Tokens> {
  if (!answer.ok) throw await problemOf(answer);
  return (await answer.json()) as Tokens;
}

export async function signIn(login: Login): Promise<Me> {
  return accept(await tokensFrom(await post("/api/auth/login", login)));
}

/** Takes over the tokens of another answer that signs somebody in: registration, set-up, an accepted invitation. */
export const enter = (tokens: Tokens): Me => accept(tokens);

export async function switchClinic(clinicId: number): Promise<Me> {
  const token = await validToken();
  return accept(await tokensFrom(await post("/api/auth/clinic", { clinic_id: clinicId }, token ?? undefined)));
}

/** Ends the session everywhere it is open in this browser. Without a connection it is forgotten here all the same. */
export async function signOut(): Promise<void> {
  const token = session.state === "open" ? session.token : undefined;
  await (token ? post("/api/auth/logout", undefined, token) : Promise.resolve()).catch(() => undefined);
  set({ state: "none" });
  channel?.postMessage({ state: "none" } satisfies Session);
}

/** The person's own data changed: a new name, another language. */
export function updateMe(change: Partial<Me>): void {
  if ("user" in session) set({ ...session, user: { ...session.user, ...change } });
}

/** Goes on with the session of an earlier visit, if there is one. */
export async function resume(): Promise<Session> {
  if (session.state !== "unknown") return session;
  if (localStorage.getItem(HINT) === null) set({ state: "none" });
  else if (!(await renew(null)) && session.state === "unknown") set({ state: "none" });
  return session;
}

/** A token to send; none when nobody is signed in. Waits for whoever has to sign in again. */
export async function validToken(): Promise<string | null> {
  if (session.state === "expired") await signedInAgain();
  if (session.state === "open" && session.endsAt - Date.now() < EARLY) await renew(session.token);
  return session.state === "open" ? session.token : null;
}

/**
 * The server did not take `token`: gets another. Says whether there is one now; if the refresh token doesn't hold either, it waits
 * until the person has signed in again over their screen, or has given up.
 */
export async function renewAfterRefusal(token: string): Promise<boolean> {
  if (session.state === "open" && session.token !== token) return true;
  if (await renew(token)) return true;
  return signedInAgain();
}

/** One refresh at a time, in this tab and in the others. */
function renew(spent: string | null): Promise<boolean> {
  renewing ??= exclusively(() => refresh(spent)).finally(() => {
    renewing = null;
  });
  return renewing;
}

async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? navigator.locks.request(LOCK, work) : work();
}

async function refresh(spent: string | null): Promise<boolean> {
  // Another tab was first while we waited for our turn.
  if (session.state === "open" && session.token !== spent && session.endsAt - Date.now() > EARLY) return true;
  const answer = await post("/api/auth/refresh");
  if (answer.ok) {
    accept((await answer.json()) as Tokens);
    return true;
  }
  if (answer.status !== 401 && answer.status !== 403) throw await problemOf(answer);
  const user = currentUser();
  set(user ? { state: "expired", user } : { state: "none" });
  return false;
}

/** Waits while the session is expired. */
function signedInAgain(): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = () => {
      if (session.state === "expired") return;
      stop();
      resolve(session.state === "open");
    };
    const stop = onSession(settle);
    settle();
  });
}

/** Refused although signed in anew. */
export const stillRefused = (): ApiProblem =>
  new ApiProblem(401, { detail: "Invalid or expired token", type: "/problems/unauthenticated" });
