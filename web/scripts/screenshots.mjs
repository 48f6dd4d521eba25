// Pictures of every screen, desktop and phone, light and dark: node scripts/screenshots.mjs <folder> [part of a screen's name]
// The program is the one that CLINICHUB_BIN names; it runs with the demonstration on a port of its own.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { runnerImport } from "vite";

// Node 20 doesn't read TypeScript by itself.
const { DESKTOP, launch, PHONE, signIn, Visitor } = (await runnerImport("./e2e/kit/browser.ts")).module;
const { Server } = (await runnerImport("./e2e/kit/server.ts")).module;

const [folder = "screenshots", only = ""] = process.argv.slice(2);

/** What is shown, to whom (nobody: before signing in), and what is done before the picture is taken. */
const SCREENS = [
  { name: "landing", path: "/" },
  { name: "sign-in", path: "/sign-in" },
  { name: "forgot-password", path: "/forgot-password" },
  { name: "register", path: "/register" },
  { name: "choose-clinic", path: "/choose-clinic", who: "bothwell@clinichub.com" },
  { name: "today", path: "/today", who: "admin@clinichub.com" },
  { name: "schedule", path: "/schedule", who: "admin@clinichub.com" },
  { name: "schedule-week", path: "/schedule?view=week", who: "admin@clinichub.com" },
  { name: "schedule-list", path: "/schedule?view=list", who: "admin@clinichub.com" },
  { name: "schedule-book", path: "/schedule", who: "admin@clinichub.com", act: press("Book") },
  { name: "schedule-time-off", path: "/schedule", who: "admin@clinichub.com", act: press("Time off") },
  { name: "schedule-paste", path: "/schedule", who: "admin@clinichub.com", act: press("Paste rows") },
  { name: "patients", path: "/patients", who: "admin@clinichub.com" },
  { name: "patient", path: "/patients/1", who: "admin@clinichub.com" },
  { name: "chart", path: "/patients/3", who: "doctor@clinichub.com" },
  { name: "chart-trend", path: "/patients/3", who: "doctor@clinichub.com", act: trend },
  { name: "chart-timeline", path: "/patients/3?tab=timeline", who: "doctor@clinichub.com" },
  { name: "chart-prescriptions", path: "/patients/59?tab=prescriptions", who: "doctor@clinichub.com" },
  { name: "prescription", path: "/patients/3?tab=prescriptions", who: "doctor@clinichub.com", act: prescribe },
  { name: "visits", path: "/visits", who: "doctor@clinichub.com" },
  { name: "visit", path: "/visits?status=in_progress", who: "doctor@clinichub.com", act: firstVisit },
  { name: "visit-completed", path: "/visits?status=completed", who: "doctor@clinichub.com", act: firstVisit },
  { name: "results", path: "/results", who: "doctor@clinichub.com" },
  { name: "usage", path: "/usage", who: "admin@clinichub.com" },
  { name: "operator-usage", path: "/usage", who: "operator@clinichub.com" },
  { name: "verify-unknown", path: "/verify/AAAAAAAAAAAAAAAAAAAAAA" },
  { name: "new-patient", path: "/patients/new", who: "admin@clinichub.com" },
  { name: "billing", path: "/billing", who: "admin@clinichub.com" },
  { name: "billing-invoices", path: "/billing?tab=invoices", who: "admin@clinichub.com" },
  { name: "billing-fees", path: "/billing?tab=fees", who: "admin@clinichub.com" },
  { name: "billing-invoice", path: "/billing/1", who: "admin@clinichub.com" },
  { name: "admin", path: "/admin", who: "admin@clinichub.com" },
  { name: "admin-permissions", path: "/admin?tab=permissions", who: "admin@clinichub.com" },
  { name: "admin-doctors", path: "/admin?tab=doctors", who: "admin@clinichub.com" },
  { name: "admin-clinic", path: "/admin?tab=clinic", who: "admin@clinichub.com" },
  { name: "admin-audit", path: "/admin?tab=audit", who: "admin@clinichub.com" },
  { name: "operator", path: "/operator", who: "operator@clinichub.com" },
  { name: "operator-new", path: "/operator", who: "operator@clinichub.com", act: press("New clinic") },
  { name: "profile", path: "/profile", who: "admin@clinichub.com" },
  { name: "palette", path: "/profile", who: "admin@clinichub.com", act: search },
  { name: "no-permission", path: "/billing", who: "nurse@clinichub.com" },
  { name: "not-found", path: "/nowhere" },
];

/** Opens the dialog of a button. */
function press(name) {
  return async (page) => {
    await page.getByRole("button", { name, exact: true }).first().click();
    await page.getByRole("dialog").waitFor();
  };
}

async function search(page) {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("ma");
  await page.getByRole("option").first().waitFor();
}

async function trend(page) {
  await page.getByRole("button", { name: "Blood pressure over time" }).click();
  await page.locator("canvas").waitFor();
}

async function prescribe(page) {
  await page.getByRole("button", { name: "Write a prescription" }).click();
  await page.getByRole("button", { name: /^Another drug/ }).click();
  await page.getByRole("textbox", { name: "Drug", exact: true }).waitFor();
}

async function firstVisit(page) {
  await page
    .getByRole("link", { name: /\w+ \w+/ })
    .and(page.locator("a[href*='/visits/']"))
    .first()
    .click();
  await page.waitForURL(/\/visits\/\d+$/);
  await page.getByRole("heading", { name: "Note", exact: true }).waitFor();
}

mkdirSync(folder, { recursive: true });
const [server, browser] = await Promise.all([Server.start({ demo: true }), launch()]);
try {
  for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    for (const colorScheme of ["light", "dark"]) {
      const visitors = new Map();
      for (const { name, path, who, act } of SCREENS.filter((screen) => screen.name.includes(only))) {
        if (!visitors.has(who)) {
          const visitor = await Visitor.arrive(browser, server, { viewport, colorScheme });
          if (who) await signIn(visitor.page, who);
          visitors.set(who, visitor);
        }
        const { page } = visitors.get(who);
        await page.goto(path, { waitUntil: "networkidle" });
        await page.locator("h1, h2").first().waitFor();
        await act?.(page);
        await page.waitForTimeout(300);
        await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`) });
      }
      for (const { context } of visitors.values()) await context.close();
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
