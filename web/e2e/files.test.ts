/** Files of a chart and reports of laboratories: brought in, looked at, signed, shown to the patient, taken away. */
import { describe, expect, it } from "vitest";
import { accessible, PHONE, scene, signIn, violations } from "./kit/index.ts";

const at = scene({ demo: true });
const NURSE = "nurse@clinichub.com";
const DOCTOR = "doctor@clinichub.com";

const PDF = Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n");
/** A picture of one dot. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const picture = (name: string) => ({ name, mimeType: "image/png", buffer: PNG });

/** A visit that goes on in the demonstration, and whose it is. */
async function going(): Promise<{ visit_id: number; patient_id: number; patient_name: string }> {
  const token = await at.server.token(DOCTOR);
  type Visits = { visits: { visit_id: number; patient_id: number; patient_name: string }[] };
  const { visits } = await at.server.call<Visits>("GET", "/api/visits?per_page=1", token);
  if (!visits[0]) throw new Error("the demonstration has no visit");
  return visits[0];
}

describe("documents of a chart", () => {
  it("are brought in, refused, looked at, released and taken away", async () => {
    const { patient_id } = await going();
    const { page } = await at.visit();
    await signIn(page, DOCTOR, { next: `/patients/${patient_id}?tab=documents` });
    const chooser = page.getByLabel("Add documents").locator("input[type=file]").first();
    await chooser.setInputFiles([
      picture("rash.png"),
      { name: "program.pdf", mimeType: "application/pdf", buffer: Buffer.from("MZ\u0090\u0000 not a document") },
    ]);
    await page.getByText("rash.png is stored").waitFor();
    await page.getByRole("alert").filter({ hasText: /./ }).first().waitFor();
    await page.getByRole("button", { name: "Put program.pdf away" }).click();
    await accessible(page, () => page.getByRole("button", { name: "rash.png", exact: true }).waitFor());

    await page.getByRole("button", { name: "rash.png", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "rash.png" });
    await dialog.getByRole("img", { name: "rash.png" }).waitFor();
    expect(await violations(page)).toEqual([]);
    const saved = page.waitForEvent("download");
    await dialog.getByRole("button", { name: "Save the file" }).click();
    expect((await saved).suggestedFilename()).toBe("rash.png");
    await dialog.getByRole("button", { name: "Close" }).click();

    await page.getByRole("button", { name: "rash.png: what can be done" }).click();
    await page.getByRole("menuitem", { name: "Let the patient see it" }).click();
    await page.getByText("The patient sees it").waitFor();
    await page.getByRole("button", { name: "rash.png: what can be done" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByText("No documents yet").waitFor();
  });

  it("are taken with a phone's camera", async () => {
    const { patient_id } = await going();
    const { page } = await at.visit({ viewport: PHONE });
    await signIn(page, NURSE, { next: `/patients/${patient_id}?tab=documents` });
    const camera = page.locator("input[capture=environment]");
    await camera.setInputFiles(picture("card.png"));
    await page.getByRole("button", { name: "card.png", exact: true }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
  });
});

describe("lab reports", () => {
  it("come into a visit, get their values, and are signed and released by the doctor", async () => {
    const { visit_id, patient_id, patient_name } = await going();
    const nurse = (await at.visit()).page;
    await signIn(nurse, NURSE, { next: `/visits/${visit_id}` });
    const chooser = nurse.getByLabel("Add lab reports").locator("input[type=file]").first();
    await chooser.setInputFiles({ name: "potassium.pdf", mimeType: "application/pdf", buffer: PDF });
    await nurse.getByText("potassium.pdf is stored").waitFor();

    const doctor = (await at.visit()).page;
    await signIn(doctor, DOCTOR, { next: "/results" });
    await accessible(doctor, () => doctor.getByText(patient_name).first().waitFor());
    await doctor
      .getByRole("list", { name: "Results" })
      .getByRole("button", { name: /potassium\.pdf/ })
      .click();
    const report = doctor.getByRole("article", { name: "potassium.pdf" });
    for (const [label, text] of Object.entries({
      Analyte: "Potassium",
      Value: "6.9",
      Unit: "mmol/L",
      From: "3.5",
      To: "5.1",
    })) {
      await report.getByRole("textbox", { name: label, exact: true }).fill(text);
    }
    await report.getByRole("button", { name: "Add the value" }).click();
    await report.getByRole("rowheader", { name: "Potassium" }).waitFor();
    expect(await violations(doctor)).toEqual([]);
    await report.getByRole("button", { name: "Let the patient see it" }).click();
    await report.getByText("The patient sees it").waitFor();
    await report.getByRole("button", { name: "Sign", exact: true }).click();
    await doctor.getByText("The report is signed").waitFor();

    await doctor.goto(`/patients/${patient_id}?tab=labs`);
    const potassium = doctor.getByRole("button", { name: "Potassium", exact: true }).first();
    await potassium.waitFor();
    await accessible(doctor, () => potassium.waitFor());
  });
});
