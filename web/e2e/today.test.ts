/** The flow board: cards move by button, key, pointer and menu; everybody sees it; what a role may not do is not offered. */
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { accessible, PHONE, scene, signIn, violations } from "./kit/index.ts";

const at = scene({ demo: true });
const DESK = "receptionist@clinichub.com";
const NURSE = "nurse@clinichub.com";
const DOCTOR = "doctor@clinichub.com";
const ADMIN = "admin@clinichub.com";

interface Board {
  date: string;
  doctors: { user_id: number; name: string }[];
  appointments: { appointment_id: number; status: string; version: number }[];
}

interface Booked {
  name: string;
  id: number;
  patient: number;
  provider: string;
}

let booked = 0;

/** Somebody who is expected today, in the small hours, when the demonstration's doctors sleep. */
async function expected(provider = 0): Promise<Booked> {
  booked += 1;
  const token = await at.server.token(DESK);
  const { date, doctors } = await at.server.call<Board>("GET", "/api/board", token);
  const person = { first_name: `Vera${booked}`, last_name: `Tester${booked}`, dob: "1984-02-29", sex: "female" };
  const { patient } = await at.server.call<{ patient: { patient_id: number } }>("POST", "/api/patients", token, person);
  const doctor = doctors[provider];
  const { appointment } = await at.server.call<{ appointment: { appointment_id: number } }>(
    "POST",
    "/api/appointments",
    token,
    {
      patient_id: patient.patient_id,
      provider_user_id: doctor?.user_id,
      date,
      time: `0${Math.floor(booked / 12)}:${String((booked % 12) * 5).padStart(2, "0")}`,
      duration_minutes: 5,
      reason: "Sore throat",
      notes: "Speaks softly",
    },
  );
  const name = `${person.first_name} ${person.last_name}`;
  return { name, id: appointment.appointment_id, patient: patient.patient_id, provider: doctor?.name ?? "" };
}

async function bring(id: number, status: string): Promise<void> {
  await at.server.call("PUT", `/api/appointments/${id}/status`, await at.server.token(ADMIN), { status });
}

async function statusOf(id: number): Promise<string> {
  const one = await at.server.call<{ status: string }>("GET", `/api/appointments/${id}`, await at.server.token(ADMIN));
  return one.status;
}

const column = (page: Page, name: string): Locator => page.getByRole("region", { name: new RegExp(`^${name}`) });
const card = (page: Page, { name }: Booked): Locator => page.getByRole("button", { name, exact: true });
const cardIn = (page: Page, lane: string, person: Booked): Locator =>
  column(page, lane).getByRole("button", { name: person.name, exact: true });
const menuOf = (page: Page, { name }: Booked): Locator => page.getByRole("button", { name: `Actions for ${name}` });

describe("the board", () => {
  it("shows to the others within a second what one does", async () => {
    const person = await expected();
    const desk = await at.visit();
    const nurse = await at.visit();
    await signIn(desk.page, DESK);
    await signIn(nurse.page, NURSE);
    await cardIn(desk.page, "Expected", person).waitFor();
    await cardIn(nurse.page, "Expected", person).waitFor();
    await desk.page.getByRole("button", { name: `Check in: ${person.name}` }).click();
    await cardIn(nurse.page, "Waiting", person).waitFor({ timeout: 1_000 });
    await cardIn(desk.page, "Waiting", person).waitFor();
    await nurse.page.getByRole("button", { name: `To room: ${person.name}` }).click();
    await cardIn(desk.page, "In room", person).waitFor({ timeout: 1_000 });
    expect(await statusOf(person.id)).toBe("in_room");
    // The desk receives people; where they go then is not theirs to say.
    expect(await desk.page.getByRole("button", { name: `Complete: ${person.name}` }).count()).toBe(0);
  });

  it("can be taken back in the house", async () => {
    const person = await expected();
    await bring(person.id, "waiting");
    const { page } = await at.visit();
    await signIn(page, NURSE);
    await page.getByRole("button", { name: `To room: ${person.name}` }).click();
    await cardIn(page, "In room", person).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await cardIn(page, "Waiting", person).waitFor();
    await expect.poll(() => statusOf(person.id)).toBe("waiting");
  });

  it("offers a nurse no cancelling, and the server refuses it too", async () => {
    const person = await expected();
    const { page } = await at.visit();
    await signIn(page, NURSE);
    await menuOf(page, person).click();
    const menu = page.getByRole("menu");
    await menu.getByRole("menuitem", { name: "Check in" }).waitFor();
    expect(await menu.getByRole("menuitem", { name: /Cancel/ }).count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    const forced = at.server.call("DELETE", `/api/appointments/${person.id}`, await at.server.token(NURSE));
    await expect(forced).rejects.toThrow("403");
  });

  it("closes a question over its panel by Escape, and the panel by the next", async () => {
    const person = await expected();
    const { page } = await at.visit();
    await signIn(page, DESK, { next: `/today?appointment=${person.id}` });
    const panel = page.getByRole("dialog", { name: "Appointment" });
    await panel.getByRole("button", { name: "Cancel appointment…" }).click();
    const question = page.getByRole("dialog", { name: `Cancel the appointment of ${person.name}?` });
    await question.getByRole("textbox", { name: "Reason" }).waitFor();
    await page.keyboard.press("Escape");
    await question.waitFor({ state: "detached" });
    expect(new URL(page.url()).searchParams.get("appointment"), "the panel stays").toBe(String(person.id));
    expect(await panel.isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
    expect(await statusOf(person.id)).toBe("scheduled");
  });

  it("moves cards by keyboard, says so, and keeps the focus on them", async () => {
    const person = await expected();
    await bring(person.id, "waiting");
    const allergy = { kind: "allergy", name: "Penicillin", severity: "severe" };
    await at.server.call("POST", `/api/patients/${person.patient}/records`, await at.server.token(DOCTOR), allergy);
    const { page } = await at.visit();
    await signIn(page, NURSE);
    const held = card(page, person);
    await held.focus();
    await page.keyboard.press("Space");
    const said = page.locator('[aria-live="polite"]').filter({ hasText: person.name });
    await said.filter({ hasText: "picked up, now in Waiting" }).waitFor();
    await page.keyboard.press("Escape");
    await said.filter({ hasText: "stays where it was" }).waitFor();
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await cardIn(page, "In scan", person).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe(person.name);
    await expect.poll(() => statusOf(person.id)).toBe("in_scan");
    // Not picked up, arrows go from card to card and Enter opens.
    await page.keyboard.press("Enter");
    const panel = page.getByRole("dialog", { name: "Appointment" });
    await panel.getByRole("list", { name: "Allergies" }).getByText("Penicillin").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe(person.name);
  });

  it("moves cards by pointer, to where they may go only", async () => {
    const person = await expected();
    await bring(person.id, "in_room");
    const { page } = await at.visit();
    await signIn(page, NURSE);
    const drag = async (to: string) => {
      await card(page, person).scrollIntoViewIfNeeded();
      const from = await card(page, person).boundingBox();
      const box = await column(page, to).boundingBox();
      if (!from || !box) throw new Error("nothing to drag");
      await page.mouse.move(from.x + 10, from.y + 5);
      await page.mouse.down();
      await page.mouse.move(box.x + 30, box.y + 120, { steps: 8 });
      await page.mouse.up();
    };
    await cardIn(page, "In room", person).waitFor();
    await drag("Expected");
    await page.waitForTimeout(200);
    await cardIn(page, "In room", person).waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
    await drag("Review");
    await cardIn(page, "Review", person).waitFor();
    await expect.poll(() => statusOf(person.id)).toBe("review");
  });

  it("asks for a reason before an appointment ends without a visit, and folds it away", async () => {
    const person = await expected();
    const { page } = await at.visit();
    await signIn(page, DESK);
    await menuOf(page, person).click();
    await page.getByRole("menuitem", { name: "Cancel appointment…" }).click();
    const dialog = page.getByRole("dialog", { name: `Cancel the appointment of ${person.name}?` });
    await dialog.getByRole("button", { name: "Patient is ill" }).click();
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Cancel appointment" }).click();
    await dialog.waitFor({ state: "detached" });
    await card(page, person).waitFor({ state: "detached" });
    await page.getByRole("button", { name: /cancelled or absent/ }).click();
    const list = page.getByRole("dialog", { name: "Cancelled and absent" });
    await list.getByText(person.name).waitFor();
    await list.getByText("Patient is ill").first().waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await statusOf(person.id)).toBe("cancelled");
  });

  it("asks before it completes what nobody has seen, and bills what is done in one touch", async () => {
    const person = await expected();
    const { page } = await at.visit();
    await signIn(page, ADMIN);
    await menuOf(page, person).click();
    await page.getByRole("menuitem", { name: "Complete" }).click();
    const question = page.getByRole("dialog", { name: `Complete ${person.name} without a visit?` });
    await question.getByRole("button", { name: "Cancel" }).click();
    await question.waitFor({ state: "detached" });
    expect(await statusOf(person.id)).toBe("scheduled");
    await bring(person.id, "in_room");
    await page.getByRole("button", { name: `Complete: ${person.name}` }).click();
    await cardIn(page, "Done", person).click();
    const panel = page.getByRole("dialog", { name: "Appointment" });
    await panel.getByRole("heading", { name: person.name }).waitFor();
    await panel.getByText("Speaks softly").waitFor();
    await panel.getByText("So far").waitFor();
    expect(await violations(page)).toEqual([]);
    await panel.getByRole("button", { name: "Create invoice" }).click();
    await page.getByText(/^Invoice .+ created$/).waitFor();
    await panel.getByRole("link", { name: "Show the invoice" }).click();
    await page.waitForURL("**/billing/*");
  });

  it("explains it when somebody else was faster", async () => {
    const person = await expected();
    await bring(person.id, "waiting");
    const { page } = await at.visit();
    await signIn(page, NURSE);
    await cardIn(page, "Waiting", person).waitFor();
    // This board doesn't hear of the change.
    const before = await at.server.call("GET", "/api/board", await at.server.token(NURSE));
    await page.route("**/api/board**", (route) => route.fulfill({ json: before }));
    await bring(person.id, "completed");
    await page.getByRole("button", { name: `To room: ${person.name}` }).click();
    await page
      .getByRole("alert")
      .filter({ hasText: `${person.name} was not moved` })
      .waitFor();
    await cardIn(page, "Waiting", person).waitFor();
    await page.unroute("**/api/board**");
    await page.getByRole("button", { name: `To room: ${person.name}` }).click();
    await cardIn(page, "Done", person).waitFor();
  });

  it("moves at once without a connection, and sends it once when it is back", async () => {
    const person = await expected();
    const { page, context } = await at.visit();
    await signIn(page, DESK);
    await cardIn(page, "Expected", person).waitFor();
    await context.setOffline(true);
    await page.getByRole("button", { name: `Check in: ${person.name}` }).click();
    await cardIn(page, "Waiting", person).waitFor();
    await page.getByText("1 change is sent when it is back").waitFor();
    expect(await statusOf(person.id)).toBe("scheduled");
    await context.setOffline(false);
    await expect.poll(() => statusOf(person.id), { timeout: 20_000 }).toBe("waiting");
    await cardIn(page, "Waiting", person).waitFor();
  });
});

describe("finding", () => {
  it("checks in by the keyboard alone", async () => {
    const person = await expected();
    const { page } = await at.visit();
    await signIn(page, DESK);
    await cardIn(page, "Expected", person).waitFor();
    await page.keyboard.press("c");
    const field = page.getByRole("combobox", { name: "Find or check in" });
    await field.pressSequentially(person.name.toLowerCase());
    await page.getByRole("option", { name: person.name }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await cardIn(page, "Waiting", person).waitFor();
    await field.fill("nobody of this name");
    await page.getByText("Nobody of this day matches.").waitFor();
  });

  it("keeps filters and days in the address", async () => {
    const mine = await expected(0);
    const other = await expected(1);
    const { page } = await at.visit();
    await signIn(page, ADMIN);
    await card(page, mine).waitFor();
    await page.getByLabel("Provider").selectOption({ label: other.provider });
    await card(page, mine).waitFor({ state: "detached" });
    await card(page, other).waitFor();
    await page.reload();
    await card(page, other).waitFor();
    expect(await card(page, mine).count()).toBe(0);
    await page.getByText("Tomorrow", { exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "Tomorrow" }).waitFor();
    await page.waitForURL(/date=\d{4}-\d\d-\d\d/);
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { level: 1 }).click();
    await page.keyboard.press("t");
    await page.getByRole("heading", { level: 1, name: "Today" }).waitFor();
  });

  it("shows a doctor the own appointments", async () => {
    const { page } = await at.visit();
    await signIn(page, DOCTOR, { next: "/today" });
    const mine = page.getByRole("button", { name: "Mine" });
    await mine.click();
    await page.waitForURL(/provider=\d+/);
    expect(await mine.getAttribute("aria-pressed")).toBe("true");
  });
});

describe("what waits", () => {
  it("is listed and closed from there", async () => {
    const { page } = await at.visit();
    await signIn(page, DESK);
    await page.getByRole("button", { name: /\d+ requests?$/ }).click();
    const requests = page.getByRole("dialog", { name: "Requests" });
    const accept = requests.getByRole("button", { name: /^Accept: / });
    await accept.first().waitFor();
    const waiting = await accept.count();
    expect(await violations(page)).toEqual([]);
    await accept.first().click();
    await expect.poll(() => accept.count()).toBe(waiting - 1);
    await page.keyboard.press("Escape");
    await requests.waitFor({ state: "detached" });
    await page.getByRole("button", { name: /\d+ open ends?$/ }).click();
    const ends = page.getByRole("dialog", { name: "Open ends" });
    const absent = ends.getByRole("button", { name: /^No-show…: / });
    await absent.first().waitFor();
    expect(await violations(page)).toEqual([]);
    const open = await absent.count();
    await absent.first().click();
    await page
      .getByRole("dialog", { name: /did not come\?$/ })
      .getByRole("button", { name: "Mark as no-show" })
      .click();
    await expect.poll(() => absent.count()).toBe(open - 1);
  });
});

describe("everywhere", () => {
  it("is accessible in light and dark, on a desktop and a phone", async () => {
    const { page } = await at.visit();
    await signIn(page, ADMIN);
    await accessible(page, () => page.getByText("Find or check in").or(page.getByRole("combobox")).first().waitFor());
  });

  it("shows one column at a time on a phone", async () => {
    const person = await expected();
    const { page } = await at.visit({ viewport: PHONE });
    await signIn(page, DESK);
    await page.getByRole("tab", { name: /^Expected/ }).click();
    expect(await page.getByRole("tab", { name: /^Expected/ }).getAttribute("aria-selected")).toBe("true");
    await page.getByRole("button", { name: `Check in: ${person.name}` }).click();
    await card(page, person).waitFor({ state: "detached" });
    await page.getByRole("tab", { name: /^Waiting/ }).click();
    await card(page, person).click();
    await page.getByRole("dialog", { name: "Appointment" }).getByText("Sore throat").waitFor();
    expect(await violations(page)).toEqual([]);
    expect(new URL(page.url()).searchParams.get("lane")).toBe("waiting");
  });

  it("is a display on the wall that tells initials only", async () => {
    const person = await expected();
    await bring(person.id, "waiting");
    const { page } = await at.visit({ viewport: { width: 1920, height: 1080 } });
    await signIn(page, NURSE);
    await page.goto("/today?display=1");
    const display = page.getByRole("dialog");
    await display.getByText("V. T.").first().waitFor();
    expect(await display.getByText(person.name.split(" ")[0] ?? "").count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await card(page, person).waitFor();
    expect(new URL(page.url()).searchParams.has("display")).toBe(false);
  });

  it("turns round where one reads from right to left", async () => {
    const { page } = await at.visit();
    await signIn(page, ADMIN);
    await page.goto("/today?lang=pseudo");
    await page.locator("[data-lane]").first().waitFor();
    const places = await page
      .locator("[data-lane]")
      .evaluateAll((columns) => columns.map((column) => column.getBoundingClientRect().left));
    expect(places).toEqual([...places].sort((a, b) => b - a));
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });
});
