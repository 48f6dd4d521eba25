/** What browser tests stand on: `const at = scene({ demo: true })`, then `at.visit()`, `at.server`, `at.browser`. */
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { launch, type Visit, Visitor } from "./browser.ts";
import { Server, type ServerOptions } from "./server.ts";

export { accessible, violations } from "./access.ts";
export { type Booked, bookToday } from "./booked.ts";
export { DESKTOP, dragByTouch, PHONE, signIn, Visitor } from "./browser.ts";
export { Server } from "./server.ts";

export interface Scene {
  readonly server: Server;
  readonly browser: Browser;
  /** A person with a browser of their own, until the test ends. */
  visit(visit?: Visit): Promise<Visitor>;
}

/** A server and a browser for the tests of a file. */
export function scene(options: ServerOptions = {}): Scene {
  let server: Server | undefined;
  let browser: Browser | undefined;
  let visitors: Visitor[] = [];
  beforeAll(async () => {
    [server, browser] = await Promise.all([Server.start(options), launch()]);
  });
  afterEach(async () => {
    const leaving = visitors;
    visitors = [];
    for (const visitor of leaving) await visitor.leave();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  const started = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error("the scene is set before each test, not before");
    return part;
  };
  return {
    get server() {
      return started(server);
    },
    get browser() {
      return started(browser);
    },
    async visit(visit) {
      const visitor = await Visitor.arrive(started(browser), started(server), visit);
      visitors.push(visitor);
      return visitor;
    },
  };
}
