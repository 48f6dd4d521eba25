/** One person, one doctor, two clinics: the same whole visit in each, and nothing of the one shows in the other. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { scene, signIn } from "./kit/index.ts";

const at = scene({ demo: true });
const DOCTOR = "bothwell@clinichub.com";
const PERSON = { first_name: "Isla", last_name: "Twofold", dob: "1979-03-14", sex: "female", phone: "(787) 555-0199" };
const NAME = `${PERSON.first_name} ${PERSON.last_name}`;
const PDF = Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n");

/** Who works in a clinic, and what is written there about the person. */
interface Clinic {
  name: string;
  code: string;
  desk: string;
  /** Reads charts in this clinic only. */
  reader: string;
  technician: string;
  time: string;
  reason: string;
  note: string;
  diagnosis: string;
  drug: string;
  report: string;
  document: string;
}

const HARBOR: Clinic = {
  name: "Harbor Family Clinic",
  code: "ABC01",
  desk: "receptionist@clinichub.com",
  reader: "doctor@clinichub.com",
  technician: "technician@clinichub.com",
  time: "00:10",
  reason: "Harbor reason",
  note: "Coughs at the harbor.",
  diagnosis: "Harbor bronchitis",
  drug: "Harborol",
  report: "harbor-blood.pdf",
  document: "harbor-letter.pdf",
};
const HILLSIDE: Clinic = {
  name: "Hillside Imaging and Therapy",
  code: "XYZ02",
  desk: "jarl@xyz02.clinichub.com",
  reader: "gale@xyz02.clinichub.com",
  technician: "kold@xyz02.clinichub.com",
  time: "00:40",
  reason: "Hillside reason",
  note: "Limps up the hill.",
  diagnosis: "Hillside sprain",
  drug: "Hillsidine",
  report: "hillside-scan.pdf",
  document: "hillside-letter.pdf",
};
const CLINICS = [HARBOR, HILLSIDE] as const;
const otherOf = (clinic: Clinic): Clinic => (clinic === HARBOR ? HILLSIDE : HARBOR);
/** Every word that only this clinic may show. */
const wordsOf = ({ code, reason, note, diagnosis, drug, report, document }: Clinic) => [
  `${code}-`,
  reason,
  note,
  diagnosis,
  drug,
  report,
  document,
];

/** What the walk made in each clinic. */
interface Made {
  patient: number;
  appointment: number;
  visit: number;
  prescription: number;
  report: number;
  document: number;
  invoice: number;
}

const made = new Map<Clinic, Made>();
const madeIn = (clinic: Clinic): Made => {
  const found = made.get(clinic);
  if (!found) throw new Error(`nothing was made in ${clinic.name}`);
  return found;
};

async function arrive(who: string, path: string): Promise<Page> {
  const { page } = await at.visit();
  await signIn(page, who, { next: path });
  return page;
}

/** The doctor, who is asked which clinic it is. */
async function arriveDoctor(clinic: Clinic): Promise<Page> {
  const { page } = await at.visit();
  await signIn(page, DOCTOR);
  await page
    .getByRole("main")
    .getByRole("button", { name: new RegExp(clinic.name) })
    .click();
  await page.getByRole("heading", { name: "Today" }).waitFor();
  return page;
}

/** The person is registered and expected by the doctor, in the small hours. */
async function expected(clinic: Clinic): Promise<{ patient: number; appointment: number }> {
  const token = await at.server.token(clinic.desk);
  const { date } = await at.server.call<{ date: string }>("GET", "/api/board", token);
  const { doctors } = await at.server.call<{ doctors: { user_id: number; last_name: string }[] }>(
    "GET",
    "/api/doctors?per_page=50",
    token,
  );
  const { patient } = await at.server.call<{ patient: { patient_id: number } }>("POST", "/api/patients", token, PERSON);
  const body = {
    patient_id: patient.patient_id,
    provider_user_id: doctors.find(({ last_name }) => last_name === "Bothwell")?.user_id,
    date,
    time: clinic.time,
    duration_minutes: 5,
    reason: clinic.reason,
  };
  const { appointment } = await at.server.call<{ appointment: { appointment_id: number } }>(
    "POST",
    "/api/appointments",
    token,
    body,
  );
  return { patient: patient.patient_id, appointment: appointment.appointment_id };
}

/** From the check-in to the paid invoice, on the screens, by those who do it. */
async function walk(clinic: Clinic): Promise<Made> {
  const { patient, appointment } = await expected(clinic);
  const desk = await arrive(clinic.desk, "/today");
  await desk.getByRole("button", { name: `Check in: ${NAME}` }).click();
  await desk.getByRole("button", { name: `Check in: ${NAME}` }).waitFor({ state: "detached" });

  const doctor = await arriveDoctor(clinic);
  await doctor.getByRole("button", { name: `Actions for ${NAME}` }).click();
  await doctor.getByRole("menuitem", { name: "Start the visit" }).click();
  await doctor.waitForURL(/\/visits\/\d+$/);
  const visit = Number(new URL(doctor.url()).pathname.split("/").at(-1));
  await doctor.getByLabel("Systolic").fill("128");
  await doctor.getByLabel("Diastolic").fill("82");
  await doctor.getByRole("button", { name: "Record" }).click();
  await doctor.getByText("128/82").first().waitFor();
  await doctor.getByLabel("Subjective").fill(clinic.note);
  await doctor.getByText(/^Saved /).waitFor();
  await doctor.getByRole("textbox", { name: "Add a diagnosis" }).fill(clinic.diagnosis);
  await doctor.getByRole("option", { name: `Take “${clinic.diagnosis}” as it is` }).click();
  await doctor.getByRole("list", { name: "Diagnoses" }).getByText(clinic.diagnosis).waitFor();
  for (const service of ["99213", "93000"]) {
    await doctor.getByRole("combobox", { name: "Add a service" }).fill(service);
    await doctor.getByRole("option", { name: new RegExp(service) }).click();
    await doctor.getByText(service).first().waitFor();
  }

  await doctor.getByRole("button", { name: "Write a prescription" }).click();
  const writer = doctor.getByRole("dialog", { name: "Prescription" });
  await writer.getByRole("button", { name: /^Another drug/ }).click();
  await writer.getByLabel("Drug", { exact: true }).fill(clinic.drug);
  await writer.getByRole("combobox", { name: "How often" }).click();
  await doctor.getByRole("option", { name: /^TID/ }).click();
  await writer.getByRole("button", { name: "Take over" }).click();
  await writer.getByText("three times daily").first().waitFor();
  await doctor.keyboard.press("Control+Enter");
  await writer.getByText(/is signed$/).waitFor();
  await writer.getByRole("button", { name: /paper and saving$/ }).click();
  const saving = doctor.waitForEvent("download");
  await doctor.getByRole("menuitem", { name: "Save the file" }).click();
  const file = await saving;
  expect(file.suggestedFilename()).toMatch(new RegExp(`^${clinic.code}-R\\d+\\.pdf$`));
  expect((await readFile(await file.path())).subarray(0, 5).toString()).toBe("%PDF-");
  await writer.getByRole("button", { name: "Close" }).last().click();

  const technician = await arrive(clinic.technician, `/today?appointment=${appointment}`);
  const panel = technician.getByRole("dialog", { name: "Appointment" });
  await panel.getByRole("button", { name: "Add a lab report" }).click();
  const brought = { name: clinic.report, mimeType: "application/pdf", buffer: PDF };
  await panel.getByLabel("Add lab reports").locator("input[type=file]").first().setInputFiles(brought);
  await panel.getByRole("list", { name: "Added just now" }).getByText(clinic.report).waitFor();
  await doctor.getByRole("button", { name: clinic.report }).waitFor();

  await doctor.getByRole("button", { name: "Complete" }).click();
  const question = doctor.getByRole("dialog", { name: "Complete the visit?" });
  await question.getByText("Heart trace with reading").waitFor();
  await question.getByRole("button", { name: "Complete" }).click();
  await doctor.getByRole("dialog", { name: "The visit is completed" }).waitFor();
  await doctor.goto(`/patients/${patient}?tab=documents`);
  const letter = { name: clinic.document, mimeType: "application/pdf", buffer: PDF };
  await doctor.getByLabel("Add documents").locator("input[type=file]").first().setInputFiles(letter);
  await doctor.getByRole("button", { name: clinic.document, exact: true }).waitFor();

  await desk.goto("/billing");
  await desk.getByRole("button", { name: `Invoice the visit of ${NAME}` }).click();
  await desk.waitForURL(/\/billing\/\d+$/);
  const invoice = Number(new URL(desk.url()).pathname.split("/").at(-1));
  await desk
    .getByRole("row")
    .filter({ hasText: "Office visit, established patient" })
    .getByText("$95.00")
    .first()
    .waitFor();
  await desk.getByRole("row").filter({ hasText: "Heart trace with reading" }).getByText("$60.00").first().waitFor();
  await desk.getByRole("row").filter({ hasText: "Total" }).getByText("$155.00").waitFor();
  await desk.getByRole("button", { name: "Mark as paid" }).click();
  await desk.getByText("The invoice is paid").waitFor();

  const token = await at.server.token(clinic.reader);
  const first = async <T>(path: string, list: string): Promise<T> => {
    const answer = await at.server.call<Record<string, T[]>>("GET", path, token);
    const [one, ...more] = answer[list] ?? [];
    if (!one || more.length > 0) throw new Error(`${path}: one was expected, not ${answer[list]?.length}`);
    return one;
  };
  const { prescription_id } = await first<{ prescription_id: number }>(
    `/api/prescriptions?patient_id=${patient}`,
    "prescriptions",
  );
  const { lab_report_id } = await first<{ lab_report_id: number }>(
    `/api/lab-reports?patient_id=${patient}`,
    "lab_reports",
  );
  const { document_id } = await first<{ document_id: number }>(`/api/patients/${patient}/documents`, "documents");
  return {
    patient,
    appointment,
    visit,
    prescription: prescription_id,
    report: lab_report_id,
    document: document_id,
    invoice,
  };
}

/** Where the API has them. */
const pathsOf = ({ patient, appointment, visit, prescription, report, document, invoice }: Made) => [
  `/api/visits/${visit}`,
  `/api/appointments/${appointment}`,
  `/api/appointments/${appointment}/visit`,
  `/api/patients/${patient}/chart`,
  `/api/patients/${patient}/timeline`,
  `/api/patients/${patient}/documents`,
  `/api/patients/${patient}/visits`,
  `/api/patients/${patient}/lab-results`,
  `/api/prescriptions/${prescription}`,
  `/api/prescriptions/${prescription}/pdf`,
  `/api/lab-reports/${report}`,
  `/api/lab-reports/${report}/download`,
  `/api/documents/${document}`,
  `/api/documents/${document}/download`,
  `/api/invoices/${invoice}`,
  `/api/invoices/${invoice}/pdf`,
];

/** Waits for the words that belong here, and says which of the other clinic's are there, too. */
async function strangers(page: Page, clinic: Clinic, own: string): Promise<string[]> {
  await page.getByText(own).first().waitFor();
  await page.waitForLoadState("networkidle");
  const text = (await page.locator("main, [role=dialog]").allTextContents()).join("\n");
  expect(text, "what is looked through is what is shown").toContain(own);
  return wordsOf(otherOf(clinic)).filter((word) => text.includes(word));
}

beforeAll(async () => {
  // Both at the same time: each in its clinic, the doctor in both.
  const walks = CLINICS.map(async (clinic) => made.set(clinic, await walk(clinic)));
  await Promise.all(walks);
}, 240_000);

describe.each(CLINICS)("after the same visit in two clinics, $name", (clinic) => {
  const other = otherOf(clinic);

  it("shows the doctor of both its own visit, chart and papers only", async () => {
    const { patient, visit } = madeIn(clinic);
    const page = await arriveDoctor(clinic);
    const seen: Record<string, string[]> = {};
    for (const [path, own] of [
      ["/visits", NAME],
      [`/visits/${visit}`, clinic.note],
      ["/results?show=all", clinic.report],
      [`/patients/${patient}`, clinic.diagnosis],
      [`/patients/${patient}?tab=visits`, clinic.diagnosis],
      [`/patients/${patient}?tab=prescriptions`, clinic.drug],
      [`/patients/${patient}?tab=labs`, clinic.report],
      [`/patients/${patient}?tab=documents`, clinic.document],
      [`/patients/${patient}?tab=timeline`, clinic.reason],
      [`/patients/${patient}?tab=appointments`, clinic.reason],
      [`/patients/${patient}?tab=billing`, `${clinic.code}-I`],
    ] as const) {
      await page.goto(path);
      seen[path] = await strangers(page, clinic, own);
    }
    expect(Object.entries(seen).filter(([, words]) => words.length > 0)).toEqual([]);
  });

  it("finds the person once", async () => {
    const { patient } = madeIn(clinic);
    const page = await arriveDoctor(clinic);
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").fill(NAME);
    await page.getByRole("option", { name: NAME }).first().waitFor();
    await page.waitForLoadState("networkidle");
    expect(await page.getByRole("option", { name: NAME }).count()).toBe(1);
    expect(await strangers(page, clinic, `${clinic.code}-P`)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/patients/${patient}`);
  });

  it("has one invoice of the person, and not the other one", async () => {
    const page = await arrive(clinic.desk, `/billing?tab=invoices&search=${PERSON.last_name}`);
    expect(await strangers(page, clinic, `${clinic.code}-I`)).toEqual([]);
    await page.getByText("1–1 of 1").waitFor();
  });

  it("answers that there is nothing where the other's things are", async () => {
    const there = madeIn(other);
    const page = await arriveDoctor(clinic);
    for (const path of [`/visits/${there.visit}`, `/patients/${there.patient}`, `/billing/${there.invoice}`]) {
      await page.goto(path);
      await page.getByRole("heading", { name: "There is nothing here" }).waitFor();
      expect(await page.getByText(NAME).count(), path).toBe(0);
    }
    const token = await at.server.token(clinic.reader);
    const statuses = async (things: Made) => {
      const answers = pathsOf(things).map(async (path) => {
        const { status } = await fetch(at.server.url + path, { headers: { Authorization: `Bearer ${token}` } });
        return `${status} ${path}`;
      });
      return Promise.all(answers);
    };
    const [own, foreign] = [await statuses(madeIn(clinic)), await statuses(there)];
    expect(own.filter((answer) => !answer.startsWith("200 "))).toEqual([]);
    expect(foreign.filter((answer) => !answer.startsWith("404 "))).toEqual([]);
  });
});

describe("the doctor of both", () => {
  it("takes nothing along when changing the clinic", async () => {
    const page = await arriveDoctor(HARBOR);
    await page.goto(`/patients/${madeIn(HARBOR).patient}?tab=timeline`);
    expect(await strangers(page, HARBOR, HARBOR.reason)).toEqual([]);
    await page.getByRole("button", { name: new RegExp(HARBOR.name) }).click();
    await page.getByRole("menuitemradio", { name: new RegExp(HILLSIDE.name) }).click();
    await page.getByRole("button", { name: new RegExp(HILLSIDE.name) }).waitFor();
    await page.getByRole("link", { name: "Visits" }).click();
    await page.getByRole("heading", { level: 1, name: "Visits" }).waitFor();
    expect(await strangers(page, HILLSIDE, NAME)).toEqual([]);
    await page.getByRole("link", { name: "Results" }).click();
    await page.getByRole("heading", { level: 1, name: "Results" }).waitFor();
    expect(await strangers(page, HILLSIDE, HILLSIDE.report)).toEqual([]);
  });
});
