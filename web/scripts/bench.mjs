// How long a screen takes from the click to its data: node scripts/bench.mjs <address> <e-mail> <password> [rounds]
// Each sample is of a page that was just loaded anew, so that nothing is in the app's memory; its files are in the browser's cache, as
// they are on the second day. Prints a table as Markdown.
import { runnerImport } from "vite";

// Node 20 doesn't read TypeScript by itself.
const { launch, signIn, Visitor } = (await runnerImport("./e2e/kit/browser.ts")).module;

const [url, email, password, rounds = "11"] = process.argv.slice(2);
const TARGET = 300;

/** The last Tuesday: it and the day after are working days everywhere. */
function tuesday() {
  const day = new Date();
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 5) % 7));
  return day.toISOString().slice(0, 10);
}
const SCHEDULE = `/schedule?date=${tuesday()}`;

const link = (name) => (page) => page.getByRole("navigation").getByRole("link", { name, exact: true });
const tab = (name) => (page) => page.getByRole("tab", { name, exact: true });
const button = (name) => (page) => page.getByRole("button", { name, exact: true }).first();

/** Where one is, what one clicks, and what is only there when the data is. */
const SCREENS = [
  { name: "Today", from: "/profile", click: link("Today"), shown: "[data-card]" },
  { name: "Schedule, a day", from: "/profile", click: link("Schedule"), shown: "button[data-status]" },
  {
    name: "Schedule, the next day",
    from: SCHEDULE,
    click: button("Later"),
    shown: "button[data-status]",
    isNew: true,
  },
  {
    name: "Schedule, a week",
    from: SCHEDULE,
    click: (page) => page.getByText("Week", { exact: true }),
    shown: "button[data-status]",
    isNew: true,
  },
  { name: "Patients", from: "/profile", click: link("Patients"), shown: "tbody tr" },
  {
    name: "Patient's chart",
    from: "/patients",
    click: (page) => page.locator("tbody tr a").first(),
    shown: "[role=tabpanel] > *",
  },
  // The data has nothing to bill and no invoices lately: what is shown may be that.
  { name: "To bill", from: "/profile", click: link("Billing"), shown: "[role=tabpanel] > *" },
  { name: "Invoices", from: "/billing", click: tab("Invoices"), shown: "[role=tabpanel] > *", isNew: true },
  { name: "Fee schedule", from: "/billing", click: tab("Fee schedule"), shown: "tbody tr", isNew: true },
  { name: "Staff", from: "/profile", click: link("Administration"), shown: "tbody tr" },
  { name: "Permissions", from: "/admin", click: tab("Permissions"), shown: "table", isNew: true },
  { name: "Doctors", from: "/admin", click: tab("Doctors and hours"), shown: "tbody tr", isNew: true },
  { name: "Clinic", from: "/admin", click: tab("Clinic"), shown: "form input", isNew: true },
  { name: "Audit log", from: "/admin", click: tab("Audit log"), shown: "tbody tr", isNew: true },
];

/**
 * Milliseconds from the click to the frame after the data was there: what the click asked the server for has come, and what it is for is
 * shown. What was there before the click doesn't count.
 */
async function sample(page, { from, click, shown, isNew }) {
  await page.goto(url + from, { waitUntil: "networkidle" });
  const target = click(page);
  await target.waitFor();
  await page.evaluate(
    ([selector, mustBeNew]) => {
      const before = new Set(mustBeNew ? document.querySelectorAll(selector) : []);
      const isShown = () => [...document.querySelectorAll(selector)].some((each) => !before.has(each));
      // The app asks as soon as it is clicked; what it doesn't ask for by now it has already.
      const isAnswered = (since) =>
        performance.now() - since > 1_000 ||
        performance
          .getEntriesByType("resource")
          .some(({ name, startTime }) => startTime >= since && name.includes("/api/"));
      window.measured = new Promise((resolve, reject) => {
        setTimeout(() => reject(new Error(`nothing was shown within 30 s: ${selector}`)), 30_000);
        const begin = ({ timeStamp }) => {
          let first = null;
          const look = () => {
            if (isShown()) first ??= performance.now();
            if (first === null || !isAnswered(timeStamp)) return requestAnimationFrame(look);
            const wasAsked = performance.now() - timeStamp <= 1_000 || first - timeStamp > 1_000;
            const end = (at) => resolve(at - timeStamp);
            return wasAsked ? requestAnimationFrame(() => setTimeout(() => end(performance.now()))) : end(first);
          };
          look();
        };
        window.addEventListener("click", begin, { capture: true, once: true });
      });
    },
    [shown, isNew === true],
  );
  await target.click();
  return page.evaluate(() => window.measured);
}

const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)];

const browser = await launch();
try {
  const { page } = await Visitor.arrive(browser, { url });
  await signIn(page, email, { password });
  const lines = [];
  for (const screen of SCREENS) {
    const times = [];
    // The first one fills the browser's cache.
    for (let round = 0; round <= Number(rounds); round += 1) {
      const ms = await sample(page, screen);
      if (round > 0) times.push(ms);
    }
    times.sort((one, other) => one - other);
    const [p50, p75, most] = [quantile(times, 0.5), quantile(times, 0.75), times.at(-1)].map(Math.round);
    lines.push(`| ${screen.name} | ${p50} | ${p75} | ${most} | ${p75 <= TARGET ? "yes" : "**no**"} |`);
    console.error(`${screen.name}: ${p75} ms`);
  }
  console.log(["| screen | p50 ms | p75 ms | most ms | p75 ≤ 300 ms |", "|---|---|---|---|---|", ...lines].join("\n"));
} finally {
  await browser.close();
}
