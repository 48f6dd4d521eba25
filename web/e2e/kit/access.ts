/** Whether everybody can use a page: what axe finds, in every form that the page takes. */
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { DESKTOP, PHONE, ZOOMED } from "./browser.ts";

const MODAL = '[aria-modal="true"]';

/** What axe finds on the page as it is (WCAG 2.2 A and AA, and best practices of structure). */
export async function violations(page: Page): Promise<string[]> {
  const axe = new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]);
  // What is behind a modal dialog can be neither seen whole nor reached.
  const isModal = (await page.locator(MODAL).count()) > 0;
  const { violations: found } = await (isModal ? axe.include(MODAL) : axe).analyze();
  const told = found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, html, failureSummary }) => ({
      id,
      selector: target.join(" "),
      text: `${id}: ${target.join(" ")}\n${html}\n${failureSummary}`,
    })),
  );
  const isCut = await Promise.all(
    told.map(({ id, selector }) => id === "target-size" && isScrolledOut(page, selector)),
  );
  return told.filter((_, index) => !isCut[index]).map(({ text }) => text);
}

/** Whether a part of something is scrolled out of sight, where axe takes it for a small target: it is whole once it is scrolled to. */
async function isScrolledOut(page: Page, selector: string): Promise<boolean> {
  return page.evaluate((wanted) => {
    const element = document.querySelector(wanted);
    const box = element?.getBoundingClientRect();
    for (let around = element?.parentElement; around && box; around = around.parentElement) {
      const edge = around.getBoundingClientRect();
      const scrolls = around.scrollHeight > around.clientHeight && getComputedStyle(around).overflowY !== "visible";
      if (scrolls && (box.top < edge.top || box.bottom > edge.bottom)) return true;
    }
    return false;
  }, selector);
}

/**
 * Nothing that axe finds, in light and dark, on a desktop, on a phone, and at 200 %. `settled` says when the screen shows what it has to show.
 */
export async function accessible(page: Page, settled: () => Promise<unknown>): Promise<void> {
  for (const viewport of [DESKTOP, ZOOMED, PHONE]) {
    // Colours don't depend on the zoom.
    for (const colorScheme of viewport === ZOOMED ? (["light"] as const) : (["light", "dark"] as const)) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await painted(page, colorScheme);
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

/** The app follows the device's colours a moment later; half of either is nobody's sight. */
async function painted(page: Page, colorScheme: "light" | "dark"): Promise<void> {
  await page.waitForFunction(
    (scheme) => document.documentElement.getAttribute("data-mantine-color-scheme") === scheme,
    colorScheme,
  );
  await page.evaluate(
    () => new Promise((resume) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resume, 50)))),
  );
}
