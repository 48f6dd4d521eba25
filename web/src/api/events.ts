/**
 * Live events of the clinic over one WebSocket a tab: it connects again by itself, goes on after the last event it knows, and
 * makes what is shown load again. Nothing on a screen polls.
 */
import type { QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { invalidate } from "./query";
import { currentSession, onSession, renewAfterRefusal, validToken } from "./session";

/** A frame. What else it carries depends on the event: ids and states, never anything about a person. */
export interface ClinicEvent {
  event: string;
  clinic_id: number;
  id: number;
  at: string;
  [detail: string]: unknown;
}

/** The reads that an event makes out of date, by its name or by the word before the dot. */
const CONCERNS: Record<string, readonly string[]> = {
  appointment: [
    "/api/appointments",
    "/api/board",
    "/api/schedule",
    "/api/slots",
    "/api/doctors",
    "/api/patients/{patient_id}",
  ],
  patient: ["/api/patients", "/api/board", "/api/schedule"],
  invoice: ["/api/invoices", "/api/cpt-records", "/api/board", "/api/patients/{patient_id}"],
  visit: ["/api/visits", "/api/appointments/{appointment_id}/visit", "/api/board", "/api/patients/{patient_id}"],
  // Comes with every pause of somebody who writes; each look at a chart is on its trail, and this is none.
  "visit.updated": ["/api/visits"],
  record: ["/api/patients/{patient_id}"],
  document: ["/api/patients/{patient_id}/documents", "/api/patients/{patient_id}/timeline"],
  lab_report: [
    "/api/lab-reports",
    "/api/patients/{patient_id}/lab-results",
    "/api/patients/{patient_id}/timeline",
    "/api/patients/{patient_id}/chart",
  ],
  lab_results: ["/api/lab-reports", "/api/patients/{patient_id}/lab-results"],
  prescription: ["/api/prescriptions", "/api/patients/{patient_id}"],
  availability: ["/api/doctors", "/api/schedule", "/api/slots"],
  doctor: ["/api/doctors", "/api/schedule"],
  service: ["/api/fee-schedule"],
  clinic: ["/api/clinics"],
  user: ["/api/users"],
};

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
/** A socket that says nothing for this long, though asked, is dead. */
const PING_EVERY = 25_000;
/** Events that come together make one reload. */
const GATHER = 80;
/** The session ended; a new token is needed. */
const SIGNED_OUT = 4401;

const listeners = new Set<(event: ClinicEvent) => void>();

/** Hears every event while the component is mounted; `resync` says that some were lost. */
export function useEvents(hear: (event: ClinicEvent) => void): void {
  useEffect(() => {
    listeners.add(hear);
    return () => {
      listeners.delete(hear);
    };
  }, [hear]);
}

/** The paths whose reads an event makes out of date. */
export function concerns(event: string): readonly string[] {
  return CONCERNS[event] ?? CONCERNS[event.split(".", 1)[0] ?? ""] ?? [];
}

/** Stays connected while somebody is signed in at a clinic. Returns what ends it. */
export function streamEvents(client: QueryClient): () => void {
  const stream = new EventStream(client);
  stream.follow();
  return () => stream.end();
}

class EventStream {
  readonly #client: QueryClient;
  #socket: WebSocket | null = null;
  #since: number | null = null;
  #clinic: number | null = null;
  #failures = 0;
  #ended = false;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #stale = new Set<string>();
  #heard = 0;
  #unfollow: () => void = () => undefined;

  constructor(client: QueryClient) {
    this.#client = client;
  }

  /** Connects when there is a session, and anew for another clinic. */
  follow(): void {
    const look = () => {
      const session = currentSession();
      const clinic = session.state === "open" ? (session.user.clinic_id ?? null) : null;
      if (session.state === "expired" || clinic === this.#clinic) return;
      this.#clinic = clinic;
      this.#since = null;
      this.#failures = 0;
      this.#socket?.close(1000);
      if (clinic !== null) void this.#connect();
    };
    this.#unfollow = onSession(look);
    look();
  }

  end(): void {
    this.#ended = true;
    this.#unfollow();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#socket?.close(1000);
  }

  async #connect(): Promise<void> {
    const clinic = this.#clinic;
    const token = await validToken().catch(() => null);
    if (this.#ended || clinic === null || clinic !== this.#clinic) return;
    if (token === null) return this.#again();
    const url = new URL("/api/ws", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    if (this.#since !== null) url.searchParams.set("since", String(this.#since));
    const socket = new WebSocket(url, ["clinichub", `bearer.${token}`]);
    this.#socket = socket;
    const pings = setInterval(() => this.#ping(socket), PING_EVERY);
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data as string) as ClinicEvent);
    socket.onclose = ({ code }) => {
      clearInterval(pings);
      if (this.#socket !== socket || this.#ended) return;
      this.#socket = null;
      if (clinic !== this.#clinic) return;
      if (code === SIGNED_OUT) void this.#renew(token);
      else this.#again();
    };
  }

  /** A token that no longer holds: another one, perhaps after the person has signed in again. */
  async #renew(token: string): Promise<void> {
    const isOpen = await renewAfterRefusal(token).catch(() => null);
    if (isOpen !== false) this.#again();
  }

  #again(): void {
    if (this.#ended) return;
    const wait = Math.min(FIRST_WAIT * 2 ** this.#failures, LONGEST_WAIT) * (0.75 + Math.random() / 2);
    this.#failures += 1;
    this.#after(wait, () => void this.#connect());
  }

  #ping(socket: WebSocket): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    const before = this.#heard;
    socket.send(JSON.stringify({ type: "ping" }));
    this.#after(PING_EVERY / 2, () => {
      if (this.#heard === before) socket.close(4000);
    });
  }

  #hear(event: ClinicEvent): void {
    this.#heard += 1;
    const isFirst = event.event === "ready";
    if (isFirst) this.#failures = 0;
    // The number in `ready` is the newest there is: what was missed since comes after it and must still count.
    if (!isFirst || this.#since === null) this.#since = Math.max(this.#since ?? 0, event.id);
    if (isFirst || event.event === "pong") return;
    for (const hear of listeners) hear(event);
    if (event.event === "resync") {
      void this.#client.invalidateQueries();
      return;
    }
    this.#gather(concerns(event.event));
  }

  #gather(paths: readonly string[]): void {
    if (this.#stale.size === 0 && paths.length > 0) {
      this.#after(GATHER, () => {
        const stale = [...this.#stale];
        this.#stale.clear();
        void invalidate(this.#client, stale);
      });
    }
    for (const path of paths) this.#stale.add(path);
  }

  #after(wait: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers = this.#timers.filter((other) => other !== timer);
      work();
    }, wait);
    this.#timers.push(timer);
  }
}
