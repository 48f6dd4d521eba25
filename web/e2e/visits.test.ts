/** From check-in to the paid invoice, with everything between: vital signs, note, diagnosis, prescription; and who may do what. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { accessible, type Booked, bookToday, PHONE, scene, signIn, violations } from "./kit/index.ts";

const at = scene({ demo: true });
const DESK = "receptionist@clinichub.com";
const NURSE = "nurse@clinichub.com";
const DOCTOR = "doctor@clinichub.com";
const ADMIN = "admin@clinichub.com";

let booked = 0;

/** Somebody who is expected by the doctor today. */
function expected(): Promise<Booked> {
  booked += 1;
  return bookToday(at.server, booked, "Clara", "Visit");
}

/** A visit that goes on. */
async function visiting(): Promise<Booked & { visit: number }> {
  const one = await expected();
  const token = await at.server.token(DOCTOR);
  const body = { appointment_id: one.appointment };
  const { visit } = await at.server.call<{ visit: { visit_id: number } }>("POST", "/api/visits", token, body);
  return { ...one, visit: visit.visit_id };
}

async function allergic(patient: number, name: string): Promise<void> {
  const body = { kind: "allergy", name, severity: "severe", reaction: "Hives" };
  await at.server.call("POST", `/api/patients/${patient}/records`, await at.server.token(DOCTOR), body);
}

async function arrive(who: string, path: string): Promise<Page> {
  const { page } = await at.visit();
  await signIn(page, who, { next: path });
  return page;
}

const fill = (page: Page, label: string, text: string) => page.getByLabel(label, { exact: true }).fill(text);

describe("a visit", () => {
  it("goes from check-in to a paid invoice", async () => {
    const person = await expected();

    // The desk checks in, and sees no visit to begin.
    const desk = await arrive(DESK, "/today");
    await desk.getByRole("button", { name: `Check in: ${person.name}` }).click();
    await desk.getByRole("button", { name: `Check in: ${person.name}` }).waitFor({ state: "detached" });
    await desk.getByRole("button", { name: `Actions for ${person.name}` }).click();
    await desk.getByRole("menuitem", { name: "Details" }).waitFor();
    expect(await desk.getByRole("menuitem", { name: "Start the visit" }).count()).toBe(0);
    await desk.keyboard.press("Escape");

    // The nurse begins it and measures; she can't prescribe.
    const nurse = await arrive(NURSE, "/today");
    await nurse.getByRole("button", { name: `Actions for ${person.name}` }).click();
    await nurse.getByRole("menuitem", { name: "Start the visit" }).click();
    await nurse.waitForURL(/\/visits\/\d+$/);
    const address = new URL(nurse.url()).pathname;
    await nurse.getByRole("heading", { name: person.name }).waitFor();
    await fill(nurse, "Systolic", "128");
    await nurse.getByRole("button", { name: "Record" }).click();
    await nurse.getByText("Enter both values").waitFor();
    await fill(nurse, "Diastolic", "82");
    await fill(nurse, "Temperature", "36.8");
    await nurse.getByText("68 to 113 °F").waitFor();
    await fill(nurse, "Temperature", "98.2");
    await fill(nurse, "Weight", "154");
    await fill(nurse, "Height", "67");
    await nurse.getByText("24.1").waitFor();
    expect(await violations(nurse)).toEqual([]);
    await nurse.getByRole("button", { name: "Record" }).click();
    await nurse.getByText("128/82").first().waitFor();
    expect(await nurse.getByRole("button", { name: "Write a prescription" }).count()).toBe(0);

    // The doctor writes the note, which is saved while he types.
    const doctor = await arrive(DOCTOR, address);
    await doctor.getByLabel("Subjective").fill("Cough for two weeks.");
    await doctor.getByText(/^Saved /).waitFor();
    await doctor.reload();
    await expect.poll(() => doctor.getByLabel("Subjective").inputValue()).toBe("Cough for two weeks.");
    await doctor.getByRole("textbox", { name: "Add a diagnosis" }).fill("Acute bronchitis");
    await doctor.getByRole("option", { name: "Take “Acute bronchitis” as it is" }).click();
    await doctor.getByRole("list", { name: "Diagnoses" }).getByText("Acute bronchitis").waitFor();
    await doctor.getByRole("combobox", { name: "Add a service" }).click();
    await doctor.getByRole("option").first().click();
    await doctor.getByRole("status").getByText("Total").waitFor();

    // A drug that is kept as a favourite, signed with a key.
    await doctor.getByRole("button", { name: "Write a prescription" }).click();
    const writer = doctor.getByRole("dialog", { name: "Prescription" });
    await writer.getByRole("button", { name: /^Another drug/ }).click();
    await expect.poll(() => doctor.evaluate(() => document.activeElement?.tagName)).toBe("INPUT");
    await writer.getByLabel("Drug", { exact: true }).fill("Dextromethorphan");
    await writer.getByLabel("Strength").fill("15 mg");
    await writer.getByRole("combobox", { name: "How often" }).click();
    await doctor.getByRole("option", { name: /^TID/ }).click();
    await writer.getByLabel("Keep as a favourite").check();
    expect(await violations(doctor)).toEqual([]);
    await writer.getByRole("button", { name: "Take over" }).click();
    await writer.getByText("three times daily").first().waitFor();
    await doctor.keyboard.press("Control+Enter");
    await writer.getByText(/is signed$/).waitFor();
    await writer.getByRole("button", { name: /paper and saving$/ }).click();
    const saved = doctor.waitForEvent("download");
    await doctor.getByRole("menuitem", { name: "Save the file" }).click();
    const file = await saved;
    expect(file.suggestedFilename()).toMatch(/^ABC01-R\d+\.pdf$/);
    expect((await readFile(await file.path())).subarray(0, 5).toString()).toBe("%PDF-");
    await writer.getByRole("button", { name: "Close" }).last().click();

    // Completing says what will be billed.
    await doctor.getByRole("button", { name: "Complete" }).click();
    const question = doctor.getByRole("dialog", { name: "Complete the visit?" });
    await question.getByText("This will be billed").waitFor();
    expect(await violations(doctor)).toEqual([]);
    await question.getByRole("button", { name: "Complete" }).click();
    await doctor.getByRole("dialog", { name: "The visit is completed" }).waitFor();
    await doctor.getByRole("button", { name: "Stay here" }).click();
    await doctor.getByText("Cough for two weeks.").waitFor();
    expect(await doctor.getByLabel("Subjective").count()).toBe(0);
    await doctor.getByLabel("Add to this visit").fill("The culture came back negative.");
    await doctor.getByRole("button", { name: "Add", exact: true }).click();
    await doctor.getByRole("list", { name: "Addenda" }).getByText("The culture came back negative.").waitFor();

    // The desk makes the invoice of it and takes the money.
    await desk.goto("/billing");
    await desk.getByRole("button", { name: `Invoice the visit of ${person.name}` }).click();
    await desk.waitForURL(/\/billing\/\d+$/);
    await desk.getByRole("button", { name: "PDF", exact: true }).waitFor();
    await desk.getByRole("button", { name: "Mark as paid" }).click();
    await desk.getByText("The invoice is paid").waitFor();
  }, 180_000);

  it("is written by two, and the second sees what the first one wrote", async () => {
    const { visit } = await visiting();
    const { page, context } = await at.visit();
    await signIn(page, DOCTOR, { next: `/visits/${visit}` });
    await page.getByLabel("Plan").waitFor();

    // What the other writes elsewhere appears, and what is being typed stays.
    await page.getByLabel("Subjective").fill("Cough.");
    await page.getByText(/^Saved /).waitFor();
    const nurse = await at.server.token(NURSE);
    await at.server.call("PUT", `/api/visits/${visit}`, nurse, { objective: "Lungs clear." });
    await expect.poll(() => page.getByLabel("Objective").inputValue()).toBe("Lungs clear.");

    // What both write in the same place is shown side by side.
    await context.setOffline(true);
    await page.getByLabel("Plan").fill("Rest at home.");
    await page.getByText("No connection. It is saved when it is back.").first().waitFor();
    await at.server.call("PUT", `/api/visits/${visit}`, nurse, { plan: "Walk a little." });
    await context.setOffline(false);
    const dialog = page.getByRole("dialog", { name: "Someone else changed this" });
    await dialog.getByText("Walk a little.").waitFor();
    await dialog.getByText("Rest at home.").waitFor();
    expect(await violations(page)).toEqual([]);

    // Who puts the question off has lost nothing, and overwritten nothing.
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Somebody else wrote here too" }).click();
    await dialog.getByRole("button", { name: "Save this" }).click();
    await page.getByText(/^Saved /).waitFor();
    const token = await at.server.token(DOCTOR);
    const stored = await at.server.call<Record<string, string>>("GET", `/api/visits/${visit}`, token);
    expect([stored.subjective, stored.objective, stored.plan]).toEqual(["Cough.", "Lungs clear.", "Rest at home."]);
  });

  it("of another clinic is not there", async () => {
    const { visit } = await visiting();
    const page = await arrive("gale@xyz02.clinichub.com", `/visits/${visit}`);
    await page.getByRole("heading", { name: "There is nothing here" }).waitFor();
  });

  it("is for those who may read charts", async () => {
    const { visit } = await visiting();
    const page = await arrive(DESK, `/visits/${visit}`);
    await page.getByRole("heading", { name: "This isn't for you" }).waitFor();
  });

  it("is usable by everybody, open and completed, on every screen", async () => {
    const { visit, patient } = await visiting();
    await allergic(patient, "Penicillin");
    const page = await arrive(DOCTOR, `/visits/${visit}`);
    const shown = () => page.getByRole("list", { name: "Allergies" }).first().waitFor();
    await shown();
    await page.getByRole("heading", { name: "Note", exact: true }).waitFor();
    await accessible(page, shown);
    await at.server.call("PUT", `/api/visits/${visit}/complete`, await at.server.token(DOCTOR));
    await page.getByRole("heading", { name: "Addenda" }).waitFor();
    await accessible(page, shown);
    await page.goto("/visits");
    await page.getByRole("heading", { name: "Visits" }).waitFor();
    await accessible(page, () => page.getByText(/^1–25 of/).waitFor());
  });

  it("is written on a phone", async () => {
    const { visit } = await visiting();
    const { page } = await at.visit({ viewport: PHONE });
    await signIn(page, DOCTOR, { next: `/visits/${visit}` });
    await page.getByLabel("Plan").fill("Rest.");
    await page.getByText(/^Saved /).waitFor();
    await page.getByRole("radiogroup", { name: "What is shown" }).getByText("Orders").click();
    await page.getByRole("button", { name: "Write a prescription" }).click();
    await page.getByRole("dialog", { name: "Prescription" }).waitFor();
    expect(await violations(page)).toEqual([]);
  });
});

describe("the chart", () => {
  it("is read on one page and added to", async () => {
    const { patient } = await expected();
    const page = await arrive(DOCTOR, `/patients/${patient}`);
    await page.getByText("No known allergies recorded").waitFor();
    await page.getByRole("button", { name: "Add an allergy" }).click();
    const dialog = page.getByRole("dialog", { name: "Add an allergy" });
    await dialog.getByLabel("Substance").fill("Penicillin");
    await dialog.getByRole("combobox", { name: "Severity" }).click();
    await page.getByRole("option", { name: "Life-threatening" }).click();
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("list", { name: "Allergies" }).getByText("Penicillin").waitFor();
    await accessible(page, () => page.getByRole("heading", { name: "Allergies" }).waitFor());

    await page.getByRole("button", { name: "Add a medication" }).click();
    const other = page.getByRole("dialog", { name: "Add a medication" });
    await other.getByLabel("Drug").fill("Metformin");
    await other.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Metformin: what can be done" }).click();
    await page.getByRole("menuitem", { name: "Stop" }).click();
    await page.getByText("Takes nothing that is recorded.").waitFor();
    await page.getByRole("tab", { name: "Timeline" }).click();
    const entry = page.getByRole("listitem").filter({ hasText: "Metformin" });
    await entry.waitFor();
    await page.getByText("Appointments", { exact: true }).last().click();
    await entry.waitFor({ state: "detached" });
  });

  it("shows how a measurement goes", async () => {
    const { patient } = await expected();
    const token = await at.server.token(NURSE);
    for (const [index, systolic] of [150, 142, 135].entries()) {
      const recorded_at = new Date(Date.now() - (3 - index) * 86_400_000).toISOString();
      const body = { kind: "vitals", recorded_at, vitals: { systolic, diastolic: 85 } };
      await at.server.call("POST", `/api/patients/${patient}/records`, token, body);
    }
    const page = await arrive(DOCTOR, `/patients/${patient}`);
    await page.getByRole("button", { name: "Blood pressure over time" }).click();
    const dialog = page.getByRole("dialog", { name: "Blood pressure (mmHg)" });
    await dialog.locator("canvas").waitFor();
    await dialog.getByRole("cell", { name: "142" }).waitFor();
    expect(await violations(page)).toEqual([]);
  });
});

describe("a prescription", () => {
  it("is written with a favourite in a few keys, and not against an allergy without a reason", async () => {
    const { patient } = await expected();
    await allergic(patient, "Penicillin");
    const token = await at.server.token(DOCTOR);
    const item = { drug: "Amoxicillin", strength: "500 mg", form: "capsule", frequency_code: "TID", duration_days: 7 };
    await at.server.call("POST", "/api/prescription-favorites", token, { name: "Amoxicillin 500", item });
    const page = await arrive(DOCTOR, `/patients/${patient}?tab=prescriptions`);
    const began = Date.now();
    await page.getByRole("button", { name: "Write a prescription" }).click();
    const writer = page.getByRole("dialog", { name: "Prescription" });
    const favorite = writer.getByRole("button", { name: /Amoxicillin 500/ }).first();
    await favorite.waitFor();
    const keys = await favorite.getAttribute("aria-keyshortcuts");
    await page.keyboard.press(keys ?? "1");
    await writer
      .getByRole("alert")
      .getByText(/allergy to Penicillin/)
      .waitFor();
    await page.keyboard.press("Control+Enter");
    await writer.getByText("Give the reason").waitFor();
    expect(await violations(page)).toEqual([]);
    await writer.getByLabel("Why all the same").fill("Taken last year without a reaction");
    await page.keyboard.press("Control+Enter");
    await writer.getByText(/is signed$/).waitFor();
    expect(Date.now() - began).toBeLessThan(30_000);
    await writer.getByRole("button", { name: "Close" }).last().click();

    // A correction replaces it, and both stay.
    await page.getByRole("button", { name: "Correct", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Correct" }).click();
    const correction = page.getByRole("dialog", { name: "Correction of a prescription" });
    await correction.getByLabel("Why all the same").fill("The same");
    await correction.getByRole("button", { name: /^Sign all the same/ }).click();
    await correction.getByText(/is signed$/).waitFor();
    await correction.getByRole("button", { name: "Close" }).last().click();
    await page.getByText("Replaced", { exact: true }).waitFor();
    await page.getByText(/^Corrects ABC01-R\d+$/).waitFor();
    await accessible(page, () => page.getByText("Replaced", { exact: true }).waitFor());
  });

  it("is checked by whoever holds the paper, without an account", async () => {
    const { patient } = await expected();
    const token = await at.server.token(DOCTOR);
    const body = { patient_id: patient, items: [{ drug: "Ibuprofen", frequency_code: "BID" }] };
    type Written = { prescription: { prescription_id: number; verify_path: string; reference: string } };
    const draft = await at.server.call<Written>("POST", "/api/prescriptions", token, body);
    const path = `/api/prescriptions/${draft.prescription.prescription_id}/finalize`;
    const { prescription } = await at.server.call<Written>("PUT", path, token, {});
    const { page } = await at.visit();
    await page.goto(prescription.verify_path);
    await page.getByRole("heading", { name: "This prescription is genuine" }).waitFor();
    await page.getByText(prescription.reference).waitFor();
    expect(await page.getByText(/Clara/).count()).toBe(0);
    await accessible(page, () => page.getByText(prescription.reference).waitFor());
    await page.goto(`${prescription.verify_path.slice(0, -3)}AAA`);
    await page.getByRole("heading", { name: "This prescription is unknown" }).waitFor();
    expect(await violations(page)).toEqual([]);
  });
});

describe("the usage", () => {
  it("of a clinic is shown to its admin and saved as a file", async () => {
    const page = await arrive(ADMIN, "/usage");
    await page.getByRole("heading", { name: "Usage of ABC01" }).waitFor();
    await accessible(page, () => page.getByRole("heading", { name: "Usage of ABC01" }).waitFor());
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as CSV" }).click();
    expect((await saved).suggestedFilename()).toMatch(/^usage-ABC01-.*\.csv$/);
  });

  it("of every clinic is the operator's, who sets the prices", async () => {
    const page = await arrive("operator@clinichub.com", "/usage");
    await page.getByRole("link", { name: "Harbor Family Clinic" }).waitFor();
    await accessible(page, () => page.getByRole("link", { name: "Harbor Family Clinic" }).waitFor());
    await page.getByRole("link", { name: "Harbor Family Clinic" }).click();
    await page.getByLabel(/^New price/).fill("2.25");
    await page.getByRole("button", { name: "Set the price" }).click();
    await page.getByText("The price is set").waitFor();
    await page.getByText("$2.25").waitFor();

    const form = page.locator("form");
    await form.getByLabel(/^New price/).fill("3.75");
    await form.getByLabel("From").fill(`${new Date().getFullYear() + 1}-12-31`);
    await form.getByRole("button", { name: "Set the price" }).click();
    const planned = page.getByRole("listitem").filter({ hasText: "$3.75" });
    await planned.getByText("Planned").waitFor();
    expect(await page.getByText("$2.25").count()).toBe(1);
    expect(await violations(page)).toEqual([]);
    await planned.getByRole("button", { name: /^Take back/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Take it back" }).click();
    await planned.waitFor({ state: "detached" });
    expect(await page.getByText("$2.25").count()).toBe(1);
  });

  it("is nobody else's", async () => {
    const page = await arrive(NURSE, "/usage");
    await page.getByRole("heading", { name: "This isn't for you" }).waitFor();
  });
});
