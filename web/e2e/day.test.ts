/** A clinic's first day in one walk, on an empty installation: set up, staff, patient, booking, conflict, check-in, visit, invoice, payment. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { type Scene, scene } from "./kit/index.ts";

const at: Scene = scene({ demo: false });
const ADA = { email: "ada@harbour.example", password: "violet kettle 9" };
const ROSA = { email: "rosa@harbour.example", password: "copper lantern 4" };

const token = ({ email, password }: typeof ADA): Promise<string> => at.server.token(email, password);

/** What the server says of the day's appointments. */
async function states(): Promise<string[]> {
  const { appointments } = await at.server.call<{ appointments: { status: string }[] }>(
    "GET",
    "/api/board",
    await token(ADA),
  );
  return appointments.map(({ status }) => status).sort();
}

async function setUp(page: Page): Promise<void> {
  await page.goto(at.server.setupLink);
  await page.getByLabel("Name of the clinic").fill("Harbour Family Practice");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("First name").fill("Ada");
  await page.getByLabel("Last name").fill("Marín");
  await page.getByLabel("E-mail").fill(ADA.email);
  await page.getByLabel("Choose a password").fill(ADA.password);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { name: "Who sees the patients, and when?" }).waitFor();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("Price (USD)").fill("95");
  await page.getByRole("button", { name: "Open the clinic" }).click();
  await page.waitForURL("**/schedule**");
}

async function book(page: Page, name: string, time: string) {
  await page.getByRole("button", { name: "Book", exact: true }).first().click();
  const dialog = page.getByRole("dialog", { name: "Book an appointment" });
  await dialog.getByRole("textbox", { name: "Patient" }).fill(name);
  await page.getByRole("option", { name }).first().click();
  await dialog.getByLabel("Time", { exact: true }).fill(time);
  await dialog.getByLabel("Reason").fill("Sore throat");
  return dialog;
}

describe("the first day of a clinic", () => {
  it("goes from the printed link to a paid invoice", async () => {
    const { page: ada } = await at.visit({ timezoneId: "America/Puerto_Rico" });
    await setUp(ada);
    const me = await at.server.call<{ role: string; clinic: { code: string } }>(
      "GET",
      "/api/auth/me",
      await token(ADA),
    );
    expect([me.role, me.clinic.code]).toEqual(["admin", "HFP01"]);

    // The colleague is invited on the screen, and accepts from her mail.
    await ada.goto("/admin");
    await ada.getByRole("button", { name: "Invite" }).click();
    const invitation = ada.getByRole("dialog");
    await invitation.getByLabel("First name").fill("Rosa");
    await invitation.getByLabel("Last name").fill("Vega");
    await invitation.getByLabel("E-mail").fill(ROSA.email);
    await invitation.getByRole("button", { name: "Send the invitation" }).click();
    await ada.getByRole("row").filter({ hasText: "Rosa Vega" }).getByText("Invited").waitFor();
    const { page: rosa } = await at.visit({ timezoneId: "America/Puerto_Rico" });
    const { pathname, hash } = new URL(await at.server.link(ROSA.email, "/invite#token="));
    await rosa.goto(pathname + hash);
    await rosa.getByLabel("Choose a password").fill(ROSA.password);
    await rosa.getByRole("button", { name: "Join" }).click();
    await rosa.waitForURL("**/today**");
    expect(await token(ROSA)).toBeTruthy();

    // She registers a patient.
    await rosa.goto("/patients/new");
    await rosa.getByLabel("First name").fill("Elena");
    await rosa.getByLabel("Last name").fill("Quiles");
    await rosa.getByLabel("Date of birth").fill("1984-02-29");
    await rosa.getByRole("combobox", { name: "Sex" }).click();
    await rosa.getByRole("option", { name: "Female", exact: true }).click();
    await rosa.getByRole("button", { name: "Register" }).click();
    await rosa.getByRole("heading", { level: 1, name: "Elena Quiles" }).waitFor();
    await rosa.waitForURL(/\/patients\/\d+$/);

    // She books; the second at the same time is refused in words, and nothing typed is lost.
    await rosa.goto("/schedule");
    let dialog = await book(rosa, "Elena Quiles", "10:00");
    await dialog.getByRole("button", { name: "Book", exact: true }).click();
    await rosa.getByText(/^Booked: HFP01-A\d+$/).waitFor();
    await rosa.getByRole("button", { name: /^Elena Quiles/ }).waitFor();
    expect(await states()).toEqual(["scheduled"]);
    dialog = await book(rosa, "Elena Quiles", "10:15");
    await dialog.getByRole("button", { name: "Book", exact: true }).click();
    await dialog.getByText("This time is taken").waitFor();
    expect(await dialog.getByLabel("Reason").inputValue()).toBe("Sore throat");
    expect(await dialog.getByRole("textbox", { name: "Patient" }).inputValue()).toBe("Elena Quiles");
    expect(await states(), "nothing is booked twice").toEqual(["scheduled"]);
    await dialog.getByRole("button", { name: "Cancel" }).click();

    // She checks the patient in; Ada, who has the board open, sees it within a second, and takes over.
    await ada.goto("/today");
    const lane = (page: Page, name: string) =>
      page
        .getByRole("region", { name: new RegExp(`^${name}`) })
        .getByRole("button", { name: "Elena Quiles", exact: true });
    await lane(ada, "Expected").waitFor();
    await rosa.goto("/today");
    await rosa.getByRole("button", { name: "Check in: Elena Quiles" }).click();
    await lane(ada, "Waiting").waitFor({ timeout: 1_000 });
    expect(await states()).toEqual(["waiting"]);
    await ada.getByRole("button", { name: "To room: Elena Quiles" }).click();
    await lane(rosa, "In room").waitFor({ timeout: 1_000 });
    expect(await states()).toEqual(["in_room"]);
    await ada.getByRole("button", { name: "Complete: Elena Quiles" }).click();
    await lane(rosa, "Done").waitFor();
    expect(await states()).toEqual(["completed"]);

    // What was done is billed at the price of the set-up, and paid.
    await rosa.goto("/billing");
    await rosa.getByRole("button", { name: /^Invoice the visit of Elena Quiles/ }).click();
    await rosa.waitForURL(/\/billing\/\d+$/);
    await rosa.getByText("Unpaid").first().waitFor();
    await rosa.getByText("$95.00").first().waitFor();
    await rosa.getByRole("textbox", { name: "Reference" }).fill("R-1");
    await rosa.getByRole("button", { name: "Mark as paid" }).click();
    await rosa.getByText("The invoice is paid").waitFor();
    const { invoices } = await at.server.call<{ invoices: { status: string; total: string }[] }>(
      "GET",
      "/api/invoices",
      await token(ADA),
    );
    expect(invoices.map(({ status, total }) => [status, total])).toEqual([["paid", "95.00"]]);
  }, 180_000);
});
