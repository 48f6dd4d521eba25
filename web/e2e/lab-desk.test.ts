/** Reports of a laboratory brought from the board, by somebody who may bring them and not read a chart. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { accessible, bookToday, PHONE, scene, signIn, violations } from "./kit/index.ts";

const at = scene({ demo: true });
const DESK = "receptionist@clinichub.com";
const TECHNICIAN = "technician@clinichub.com";
const DOCTOR = "doctor@clinichub.com";
const ADMIN = "admin@clinichub.com";

const PDF = Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n");
const report = (name: string) => ({ name, mimeType: "application/pdf", buffer: PDF });

let booked = 0;

/** Somebody of the doctor who is in a room today; `begin` begins the visit. */
async function inRoom() {
  booked += 1;
  const { name, appointment } = await bookToday(at.server, booked, "Lucia", "Sample");
  const admin = await at.server.token(ADMIN);
  for (const status of ["waiting", "in_room"]) {
    await at.server.call("PUT", `/api/appointments/${appointment}/status`, admin, { status });
  }
  const doctor = await at.server.token(DOCTOR);
  const begin = () => at.server.call("POST", "/api/visits", doctor, { appointment_id: appointment });
  return { name, appointment, begin };
}

/** What the server refused to the page. */
function refusals(page: Page): string[] {
  const refused: string[] = [];
  page.on("response", (answer) => {
    if (answer.status() === 403) refused.push(new URL(answer.url()).pathname);
  });
  return refused;
}

describe("a lab report from the board", () => {
  it("is brought by a technician once the visit has begun, and found by the doctor", async () => {
    const { name, begin } = await inRoom();
    const { page } = await at.visit();
    const refused = refusals(page);
    await signIn(page, TECHNICIAN, { next: "/today" });
    await page.getByRole("button", { name, exact: true }).click();
    const panel = page.getByRole("dialog", { name: "Appointment" });
    await panel.getByRole("button", { name: "Add a lab report" }).click();
    await panel.getByText("The doctor hasn't started the visit yet.").waitFor();
    expect(await violations(page)).toEqual([]);

    await begin();
    await panel.getByRole("button", { name: "Look again" }).click();
    await panel.getByLabel("Title of the report").fill("Blood count");
    const chooser = panel.getByLabel("Add lab reports").locator("input[type=file]").first();
    await chooser.setInputFiles(report("count.pdf"));
    await page.getByText("count.pdf is stored").waitFor();
    const brought = panel.getByRole("list", { name: "Added just now" });
    await brought.getByText("Blood count").waitFor();
    expect(await panel.getByLabel("Title of the report").inputValue(), "the next one has a title of its own").toBe("");
    await brought.getByRole("textbox", { name: "Analyte" }).fill("Haemoglobin");
    await brought.getByRole("textbox", { name: "Value", exact: true }).fill("9.8");
    await brought.getByRole("textbox", { name: "Unit" }).fill("g/dL");
    await brought.getByRole("textbox", { name: "From" }).fill("12");
    await brought.getByRole("textbox", { name: "To", exact: true }).fill("16");
    await brought.getByRole("button", { name: "Add the value" }).click();
    await brought.getByText("Haemoglobin: 9.8 g/dL").waitFor();
    await accessible(page, () => brought.getByText("Haemoglobin: 9.8 g/dL").waitFor());
    expect(refused, "nothing was asked for that a technician may not read").toEqual([]);

    const doctor = (await at.visit()).page;
    await signIn(doctor, DOCTOR, { next: "/results" });
    await doctor
      .getByRole("list", { name: "Results" })
      .getByRole("button", { name: new RegExp(`${name}.*Blood count`) })
      .click();
    const found = doctor.getByRole("article", { name: "Blood count" });
    await found.getByRole("link", { name }).waitFor();
    await found.getByRole("rowheader", { name: "Haemoglobin" }).waitFor();
  });

  it("is brought on a phone", async () => {
    const { name, begin, appointment } = await inRoom();
    await begin();
    const { page } = await at.visit({ viewport: PHONE });
    await signIn(page, TECHNICIAN, { next: `/today?appointment=${appointment}` });
    const panel = page.getByRole("dialog", { name: "Appointment" });
    await panel.getByRole("heading", { name }).waitFor();
    await panel.getByRole("button", { name: "Add a lab report" }).click();
    await panel.getByLabel("Add lab reports").locator("input[type=file]").first().setInputFiles(report("urine.pdf"));
    await panel.getByRole("list", { name: "Added just now" }).getByText("urine.pdf").waitFor();
  });

  it("is not offered to whoever may not bring any", async () => {
    const { name, appointment } = await inRoom();
    const { page } = await at.visit();
    await signIn(page, DESK, { next: `/today?appointment=${appointment}` });
    await page.getByRole("dialog", { name: "Appointment" }).getByRole("heading", { name }).waitFor();
    expect(await page.getByRole("button", { name: "Add a lab report" }).count()).toBe(0);
  });
});
