/** The schedule by hand: longer and shorter, to another time and to somebody else, by mouse and by finger; time off, paper, many at once. */
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { accessible, dragByTouch, PHONE, scene, signIn, violations } from "./kit/index.ts";

const at = scene({ demo: true });
const DESK = "receptionist@clinichub.com";
const ADMIN = "admin@clinichub.com";
/** Mondays without any appointment, one for each test. */
const DAYS = ["2031-03-03", "2031-03-10", "2031-03-17", "2031-03-24", "2031-03-31", "2031-04-07"] as const;

interface Day {
  doctors: { user_id: number; name: string; time_off: unknown[] }[];
  appointments: { appointment_id: number; scheduled_start: string; scheduled_end: string; provider_user_id: number }[];
}

interface Patient {
  patient_id: number;
  first_name: string;
  last_name: string;
  mrn: string;
}

const schedule = async (day: string): Promise<Day> =>
  at.server.call<Day>("GET", `/api/schedule?from=${day}&to=${day}`, await at.server.token(ADMIN));

async function patients(count: number): Promise<Patient[]> {
  const token = await at.server.token(DESK);
  return (await at.server.call<{ patients: Patient[] }>("GET", `/api/patients?per_page=${count}`, token)).patients;
}

/** An appointment of half an hour. */
async function booked(day: string, time: string): Promise<{ id: number; name: string }> {
  const token = await at.server.token(DESK);
  const [patient] = await patients(1);
  const { doctors } = await schedule(day);
  const { appointment } = await at.server.call<{ appointment: { appointment_id: number } }>(
    "POST",
    "/api/appointments",
    token,
    {
      patient_id: patient?.patient_id,
      provider_user_id: doctors[0]?.user_id,
      date: day,
      time,
      duration_minutes: 30,
      reason: "Sore throat",
    },
  );
  return { id: appointment.appointment_id, name: `${patient?.first_name} ${patient?.last_name}` };
}

async function minutesOf(day: string, id: number): Promise<number> {
  const found = (await schedule(day)).appointments.find(({ appointment_id }) => appointment_id === id);
  return found ? (Date.parse(found.scheduled_end) - Date.parse(found.scheduled_start)) / 60_000 : Number.NaN;
}

async function box(card: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  await card.scrollIntoViewIfNeeded();
  const found = await card.boundingBox();
  if (!found) throw new Error("the card is on the screen");
  return found;
}

/** Pixels of a minute. */
const SCALE = 1.25;

async function dragByMouse(page: Page, from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 8 });
  await page.mouse.up();
}

describe("an appointment", () => {
  it("is made longer by its lower edge, and moved to somebody else, by mouse", async () => {
    const day = DAYS[0];
    const { id, name } = await booked(day, "10:00");
    const { doctors } = await schedule(day);
    const { page } = await at.visit();
    await signIn(page, DESK, { next: `/schedule?date=${day}` });
    const card = page.getByRole("button", { name: new RegExp(name) });
    await card.waitFor();
    let at1 = await box(card);
    const edge = { x: at1.x + at1.width / 2, y: at1.y + at1.height - 3 };
    await dragByMouse(page, edge, { x: edge.x, y: edge.y + 30 * SCALE });
    const dialog = page.getByRole("dialog", { name });
    await dialog.getByText("Moved to where you dropped it.").waitFor();
    expect(await dialog.getByLabel("Minutes").inputValue()).toBe("60");
    expect(await minutesOf(day, id), "nothing is changed before it is saved").toBe(30);
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => minutesOf(day, id)).toBe(60);

    at1 = await box(card);
    const other = await page.getByRole("group", { name: doctors[1]?.name ?? "" }).boundingBox();
    await dragByMouse(page, { x: at1.x + 20, y: at1.y + 8 }, { x: (other?.x ?? 0) + 20, y: at1.y + 8 - 60 * SCALE });
    await dialog.getByText("Moved to where you dropped it.").waitFor();
    expect(await dialog.getByLabel("Time", { exact: true }).inputValue()).toBe("09:00");
    expect(await dialog.getByLabel("With", { exact: true }).inputValue()).toBe(doctors[1]?.name);
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });
    await expect
      .poll(async () => (await schedule(day)).appointments.map(({ provider_user_id }) => provider_user_id))
      .toEqual([doctors[1]?.user_id]);
  });

  it("is moved and made longer by a finger that rests first; one that doesn't scrolls", async () => {
    const day = DAYS[1];
    const { id, name } = await booked(day, "10:00");
    const { page } = await at.visit({ viewport: PHONE, hasTouch: true });
    await signIn(page, DESK, { next: `/schedule?date=${day}` });
    const card = page.getByRole("button", { name: new RegExp(name) });
    await card.waitFor();
    const dialog = page.getByRole("dialog", { name });
    let place = await box(card);
    const middle = { x: place.x + 30, y: place.y + 10 };
    await dragByTouch(page, middle, { x: middle.x, y: middle.y - 40 }, 20);
    await page.waitForTimeout(300);
    expect(await dialog.count(), "a quick finger scrolls").toBe(0);

    place = await box(card);
    const grabbed = { x: place.x + 30, y: place.y + 10 };
    await dragByTouch(page, grabbed, { x: grabbed.x, y: grabbed.y + 60 * SCALE });
    await dialog.getByText("Moved to where you dropped it.").waitFor();
    expect(await dialog.getByLabel("Time", { exact: true }).inputValue()).toBe("11:00");
    await dialog.getByRole("button", { name: "Close" }).first().click();
    await dialog.waitFor({ state: "detached" });

    place = await box(card);
    const edge = { x: place.x + place.width / 2, y: place.y + place.height - 4 };
    await dragByTouch(page, edge, { x: edge.x, y: edge.y + 15 * SCALE });
    await dialog.getByText("Moved to where you dropped it.").waitFor();
    expect(await dialog.getByLabel("Minutes").inputValue()).toBe("45");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => minutesOf(day, id)).toBe(45);
  });

  it("is moved and made longer by the keyboard alone, and says who is in the way", async () => {
    const day = DAYS[2];
    const { id, name } = await booked(day, "10:00");
    await booked(day, "12:00");
    const { page } = await at.visit();
    await signIn(page, DESK, { next: `/schedule?date=${day}` });
    const card = page.getByRole("button", { name: new RegExp(`${name}.*10:00`) });
    await card.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name });
    await dialog.getByLabel("Time", { exact: true }).fill("11:45");
    await dialog.getByText(`${name} has the time`).waitFor();
    expect(await violations(page)).toEqual([]);
    await dialog.getByLabel("Time", { exact: true }).fill("11:00");
    await dialog.getByText(`${name} has the time`).waitFor({ state: "detached" });
    await dialog.getByLabel("Minutes").fill("20");
    await dialog.getByRole("button", { name: "Save" }).focus();
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => minutesOf(day, id)).toBe(20);
  });
});

describe("time off", () => {
  it("is noted from the schedule, seen there, and ended; and can be taken back", async () => {
    const day = DAYS[3];
    const { name: patient } = await booked(day, "12:15");
    const { doctors } = await schedule(day);
    const { page } = await at.visit();
    await signIn(page, ADMIN, { next: `/schedule?date=${day}` });
    await page.getByRole("button", { name: patient }).waitFor();
    await page.getByRole("button", { name: "Time off", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Time off" });
    await dialog.getByText("1 appointment lies in this time").waitFor();
    await dialog.getByRole("switch", { name: "Whole days" }).click();
    await dialog.getByLabel("From").fill("13:00");
    await dialog.getByLabel("To", { exact: true }).fill("12:00");
    await dialog.getByRole("button", { name: "Add the time off" }).click();
    await dialog.getByText("The end is before the beginning").waitFor();
    await dialog.getByLabel("To", { exact: true }).fill("14:00");
    await dialog.getByLabel("Reason").fill("Training");
    await accessible(page, () => dialog.getByLabel("Reason").waitFor());
    await dialog.getByRole("button", { name: "Add the time off" }).click();
    await page.getByText("The time off is noted").waitFor();
    const block = page.getByRole("button", { name: `Time off of ${doctors[0]?.name}: Training` });
    await block.click();
    await dialog.getByRole("button", { name: /^Remove the time off from/ }).click();
    await page.getByText("The time off is removed").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await dialog.getByRole("button", { name: /^Remove the time off from/ }).waitFor();
    await page.keyboard.press("Escape");
    await block.waitFor();
    expect((await schedule(day)).doctors[0]?.time_off).toHaveLength(1);
  });

  it("is not the desk's to note", async () => {
    const { page } = await at.visit();
    await signIn(page, DESK, { next: `/schedule?date=${DAYS[3]}` });
    await page.getByText("Training").waitFor();
    expect(await page.getByRole("button", { name: /Time off/ }).count()).toBe(0);
  });
});

describe("on paper", () => {
  it("each doctor's day has a sheet of its own", async () => {
    const day = DAYS[4];
    const { name } = await booked(day, "09:00");
    const { doctors } = await schedule(day);
    const { page } = await at.visit();
    await signIn(page, DESK, { next: `/schedule?date=${day}` });
    await page.getByRole("button", { name: new RegExp(name) }).waitFor();
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
    const sheet = page.getByRole("heading", { level: 2, name: new RegExp(doctors[0]?.name ?? "") });
    await sheet.waitFor();
    await page.getByRole("row").filter({ hasText: name }).getByText("Sore throat").waitFor();
    expect(await page.getByRole("button").count(), "no button is printed").toBe(0);
    await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
    await page.emulateMedia({ media: "screen" });
    await page.getByRole("button", { name: new RegExp(name) }).waitFor();
  });
});

describe("many at once", () => {
  it("are pasted, looked at, booked as far as they fit, and the others corrected", async () => {
    const day = DAYS[5];
    const [one, two] = await patients(2);
    const { doctors } = await schedule(day);
    const { page } = await at.visit();
    await signIn(page, DESK, { next: `/schedule?date=${day}` });
    await page.getByRole("button", { name: "Paste rows" }).click();
    const dialog = page.getByRole("dialog", { name: "Book many appointments" });
    const rows = [
      "Patient\tDay\tTime\tMinutes\tDoctor\tReason",
      `${one?.mrn}\t${day}\t9:00\t30\t${doctors[0]?.name}\tFollow-up`,
      `${two?.mrn}\t${day}\t9:15\t30\t${doctors[0]?.name}`,
      `${two?.mrn}\t${day}\t2:00 PM`,
      `NOBODY-7\t${day}\t15:00`,
      `${one?.mrn}\t7 April\t16:00`,
    ];
    await dialog.getByLabel("Rows").fill(rows.join("\n"));
    await accessible(page, () => dialog.getByLabel("Rows").waitFor());
    await dialog.getByRole("button", { name: "Check 5 rows" }).click();
    await dialog.getByText("No patient has this number or name").waitFor();
    await dialog.getByText("The day is not written as 2026-04-15").waitFor();
    expect(await dialog.getByText("Ready").count()).toBe(3);
    await dialog.getByRole("button", { name: "Book 3 appointments" }).click();
    await dialog.getByText("2 appointments are booked. 3 rows are not booked.").waitFor();
    await dialog.getByText("Provider already has an appointment at this time").waitFor();
    await accessible(page, () => dialog.getByText("3 rows are not booked.").waitFor());
    expect((await schedule(day)).appointments).toHaveLength(2);
    await dialog.getByRole("button", { name: "Correct the others" }).click();
    expect((await dialog.getByLabel("Rows").inputValue()).split("\n")).toHaveLength(3);
    await dialog.getByLabel("Rows").fill(`${two?.mrn}; ${day}; 10:15`);
    await dialog.getByRole("button", { name: "Check 1 row" }).click();
    await dialog.getByRole("button", { name: "Book 1 appointment" }).click();
    await dialog.getByText("1 appointment is booked").waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await dialog.waitFor({ state: "detached" });
    await expect.poll(async () => (await schedule(day)).appointments.length).toBe(3);
  });
});
