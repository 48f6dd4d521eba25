/** How much a first visit loads: what the files weigh with gzip, which every proxy speaks; the server sends brotli, which is less. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { scene, signIn } from "./kit/index.ts";

const at = scene({ demo: true });
const DIST = join(import.meta.dirname, "../dist");

/** Kilobytes of the files that the page at `path` loads in a browser that has none. */
async function weight(path: string, who?: string): Promise<number> {
  const first = await at.visit();
  if (who) await signIn(first.page, who);
  const state = await first.context.storageState();
  const { page } = await at.visit({ storageState: state });
  const loaded = new Set<string>();
  page.on("response", (response) => loaded.add(new URL(response.url()).pathname));
  await page.goto(path, { waitUntil: "networkidle" });
  await page.getByRole("heading", { level: 1 }).waitFor();
  const files = [...loaded]
    .map((name) => join(DIST, name === path.split("?")[0] ? "index.html" : name))
    .filter(existsSync);
  const bytes = files.map((file) => statSync(existsSync(`${file}.gz`) ? `${file}.gz` : file).size);
  return bytes.reduce((sum, size) => sum + size, 0) / 1024;
}

it("the sign-in page is at most 200 KB", async () => {
  const kilobytes = await weight("/sign-in");
  console.log(`first load of the sign-in page: ${kilobytes.toFixed(2)} KB gzipped`);
  expect(kilobytes).toBeLessThanOrEqual(200);
  expect(kilobytes).toBeGreaterThan(50);
});

it("the schedule is at most 300 KB", async () => {
  const kilobytes = await weight("/schedule", "admin@clinichub.com");
  console.log(`first load of the schedule: ${kilobytes.toFixed(2)} KB gzipped`);
  expect(kilobytes).toBeLessThanOrEqual(300);
  expect(kilobytes).toBeGreaterThan(50);
});

it("the page that checks a prescription is at most 240 KB, and a visit 400 KB", async () => {
  const checked = await weight("/verify/AAAAAAAAAAAAAAAAAAAAAA");
  const token = await at.server.token("doctor@clinichub.com");
  const { visits } = await at.server.call<{ visits: { visit_id: number }[] }>("GET", "/api/visits?per_page=1", token);
  const visit = await weight(`/visits/${visits[0]?.visit_id}`, "doctor@clinichub.com");
  console.log(
    `first load of checking a prescription: ${checked.toFixed(2)} KB, of a visit: ${visit.toFixed(2)} KB gzipped`,
  );
  expect(checked).toBeLessThanOrEqual(240);
  expect(visit).toBeLessThanOrEqual(400);
});
