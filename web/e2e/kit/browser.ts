/** A browser for a test file, and what tests do with it. */
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { Server } from "./server.ts";

export const DESKTOP = { width: 1280, height: 800 };
/** A small laptop whose owner reads at 200 %. */
export const ZOOMED = { width: 640, height: 400 };
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
  /** A screen that one touches. */
  hasTouch?: boolean;
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
    {
      viewport = DESKTOP,
      colorScheme = "light",
      locale = "en-US",
      hasTouch = false,
      timezoneId,
      storageState,
    }: Visit = {},
  ) {
    const context = await browser.newContext({
      baseURL: server.url,
      viewport,
      colorScheme,
      locale,
      hasTouch,
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

/** A finger that rests at one place, so long, and goes to another. */
export async function dragByTouch(page: Page, from: Point, to: Point, rest = 450): Promise<void> {
  const device = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: Point[]) =>
    device.send("Input.dispatchTouchEvent", { type, touchPoints: points });
  await touch("touchStart", [from]);
  await page.waitForTimeout(rest);
  for (const part of [0.25, 0.5, 0.75, 1]) {
    await touch("touchMove", [{ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }]);
    await page.waitForTimeout(30);
  }
  await touch("touchEnd", []);
  await device.detach();
}

interface Point {
  x: number;
  y: number;
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
