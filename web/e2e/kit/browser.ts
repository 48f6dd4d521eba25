/** A browser for a test file, and what tests do with it. */
import AxeBuilder from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import type { Server } from "./server.ts";

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

/** Nothing that the tests don't need, and nothing that talks to the world. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS });

export interface Visit {
  viewport?: { width: number; height: number };
  colorScheme?: "light" | "dark";
  locale?: string;
}

/** Somebody with a browser of their own: no cookie and no storage of anybody else. What the page complains about fails the test. */
export class Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly complaints: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      // Refused and lost requests are the tests' business; a violated policy or a warning of React is not.
      if (
        ["error", "warning"].includes(message.type()) &&
        !/Failed to load resource|WebSocket connection/.test(message.text())
      ) {
        this.complaints.push(message.text());
      }
    });
  }

  static async arrive(
    browser: Browser,
    server: Server,
    { viewport = DESKTOP, colorScheme = "light", locale = "en-US" }: Visit = {},
  ) {
    const context = await browser.newContext({
      baseURL: server.url,
      viewport,
      colorScheme,
      locale,
      reducedMotion: "reduce",
    });
    return new Visitor(context, await context.newPage());
  }

  /** Ends the visit, and says what the page complained about meanwhile. */
  async leave(): Promise<void> {
    await this.context.close();
    expect(this.complaints).toEqual([]);
  }
}

/** Signs in as one of the demonstration's people, on the sign-in page, as they would. */
export async function signIn(
  page: Page,
  email: string,
  { password = "admin123", next }: { password?: string; next?: string } = {},
) {
  await page.goto(next ? `/sign-in?next=${encodeURIComponent(next)}` : "/sign-in");
  await page.getByLabel("E-mail, user name or phone").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

/** What axe finds on the page as it is (WCAG 2.2 A and AA, and best practices of structure). */
export async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}\n${failureSummary}`),
  );
}

/**
 * Nothing that axe finds, in light and dark, on a desktop and a phone. `settled` says when the screen shows what it has to show.
 */
export async function accessible(page: Page, settled: () => Promise<unknown>): Promise<void> {
  for (const viewport of [DESKTOP, PHONE]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await settled();
      expect(await violations(page), `${colorScheme}, ${viewport.width} px`).toEqual([]);
      const isWider = await page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
      expect(isWider, `the page scrolls sideways at ${viewport.width} px`).toBe(false);
    }
  }
  await page.setViewportSize(DESKTOP);
  await page.emulateMedia({ colorScheme: "light" });
}
