/** A browser for a test file, and what tests do with it. */
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
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
  /** IANA zone of the person's clock. */
  timezoneId?: string;
  /** Cookies and storage of an earlier visit. */
  storageState?: Awaited<ReturnType<BrowserContext["storageState"]>>;
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
    { viewport = DESKTOP, colorScheme = "light", locale = "en-US", timezoneId, storageState }: Visit = {},
  ) {
    const context = await browser.newContext({
      baseURL: server.url,
      viewport,
      colorScheme,
      locale,
      ...(timezoneId ? { timezoneId } : {}),
      storageState,
      reducedMotion: "reduce",
    });
    return new Visitor(context, await context.newPage());
  }

  /** Ends the visit, and says what the page complained about meanwhile. */
  async leave(): Promise<void> {
    await this.context.close();
    if (this.complaints.length > 0) throw new Error(`the page complained:\n${this.complaints.join("\n")}`);
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
