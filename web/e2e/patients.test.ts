/** Patients: found, registered with a warning about the same person, changed by two at once, brought in from a file. */
import { describe, expect, it } from "vitest";
import { accessible, scene, signIn, violations } from "./kit/index.ts";

const at = scene({ demo: true });
const john = { first_name: "Johnny", last_name: "Doering", dob: "1990-05-10", sex: "male", phone: "7871234567" };

describe("the list", () => {
  it("finds as one types, keeps it in the address, and opens a chart", async () => {
    const { page } = await at.visit();
    const token = await at.server.token("receptionist@clinichub.com");
    await at.server.call("POST", "/api/patients", token, john);
    await signIn(page, "receptionist@clinichub.com", { next: "/patients" });
    await accessible(page, () => page.getByText(/^1–25 of \d+$/).waitFor());
    await page.getByRole("searchbox", { name: "Search patients" }).fill("doering john");
    await page.getByRole("link", { name: "Doering, Johnny" }).waitFor();
    expect(page.url()).toContain("search=doering");
    await page.getByRole("link", { name: "Doering, Johnny" }).click();
    await page.getByRole("heading", { name: "Johnny Doering" }).waitFor();
    await accessible(page, () => page.getByText("Everything is paid.").waitFor());
  });
});

describe("registering", () => {
  it("warns of the same person before saving, and says what is missing", async () => {
    const { page } = await at.visit();
    await signIn(page, "receptionist@clinichub.com", { next: "/patients/new" });
    await accessible(page, () => page.getByRole("heading", { name: "New patient" }).waitFor());
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByText("This is required").first().waitFor();
    await page.getByRole("textbox", { name: "First name" }).fill("Johnny");
    await page.getByRole("textbox", { name: "Last name" }).fill("Doering");
    await page.getByLabel("Date of birth").fill("1990-05-10");
    await page.getByText("This may be the same person").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("combobox", { name: "Sex" }).click();
    await page.getByRole("option", { name: "Male", exact: true }).click();
    await page.getByLabel("Date of birth").fill("1991-06-11");
    await page.getByRole("button", { name: /^Register/ }).click();
    await page.getByText("Johnny Doering is registered").waitFor();
    await page.waitForURL(/\/patients\/\d+$/);
  });
});

describe("national ids and insurance numbers", () => {
  it("are taken down, warn of a second chart, and lead to the first one as a whole", async () => {
    const { page } = await at.visit();
    await signIn(page, "receptionist@clinichub.com", { next: "/patients/new" });
    const fill = async (label: string, text: string) => page.getByLabel(label).fill(text);
    const known = async () => {
      await fill("National ID", "555-8812345-6");
      await fill("Insurance number", "MED 9901-77");
    };
    await fill("First name", "Iris");
    await fill("Last name", "Sealed");
    await fill("Date of birth", "1979-03-04");
    await page.getByRole("combobox", { name: "Sex" }).click();
    await page.getByRole("option", { name: "Female", exact: true }).click();
    await known();
    await page.getByRole("button", { name: /^Register/ }).click();
    await page.getByText("Iris Sealed is registered").waitFor();
    await accessible(page, () => page.getByText("555-8812345-6").waitFor());
    await page.getByText("MED 9901-77").waitFor();

    await page.goto("/patients/new");
    await known();
    await page.getByText("same national ID, same insurance number").waitFor();
    await page.goto("/patients?search=5558812345");
    await page.getByText("Sealed, Iris").waitFor({ state: "detached" });
    await page.goto("/patients?search=55588123456");
    await page.getByRole("link", { name: "Sealed, Iris" }).waitFor();
  });
});

describe("changing", () => {
  it("shows what somebody else saved meanwhile", async () => {
    const token = await at.server.token("nurse@clinichub.com");
    const { patient } = await at.server.call<{ patient: { patient_id: number } }>("POST", "/api/patients", token, {
      ...john,
      last_name: "Twofold",
    });
    const { page } = await at.visit();
    await signIn(page, "nurse@clinichub.com", { next: `/patients/${patient.patient_id}` });
    await page.getByRole("button", { name: "Change" }).click();
    const form = page.getByRole("dialog", { name: "Change the data" });
    await form.getByLabel("Address").fill("1 Main Street");
    await at.server.call("PUT", `/api/patients/${patient.patient_id}`, token, { address: "2 Side Street" });
    await form.getByRole("button", { name: "Save" }).click();
    const conflict = page.getByRole("dialog", { name: "Someone else changed this" });
    await conflict.getByText("2 Side Street").waitFor();
    expect(await violations(page)).toEqual([]);
    await conflict.getByRole("button", { name: "Save this" }).click();
    await page.getByText("Saved").first().waitFor();
    const now = await at.server.call<{ address: string }>("GET", `/api/patients/${patient.patient_id}`, token);
    expect(now.address).toBe("1 Main Street");
  });

  it("is not offered to whoever may not", async () => {
    const { page } = await at.visit();
    await signIn(page, "technician@clinichub.com", { next: "/patients/1" });
    await page.getByRole("link", { name: "Book" }).waitFor();
    expect(await page.getByRole("button", { name: "Change" }).count()).toBe(0);
  });
});

describe("another clinic's chart", () => {
  it("is not there", async () => {
    const token = await at.server.token("admin@xyz02.clinichub.com");
    const { patients } = await at.server.call<{ patients: { patient_id: number }[] }>(
      "GET",
      "/api/patients?per_page=1",
      token,
    );
    const { page } = await at.visit();
    await signIn(page, "admin@clinichub.com", { next: `/patients/${patients[0]?.patient_id}` });
    await page.getByText("There is nothing here").waitFor();
  });
});

describe("bringing in a file", () => {
  it("shows it first, takes the good lines, says what is wrong with the others, and adds nobody twice", async () => {
    const { page } = await at.visit();
    await signIn(page, "admin@clinichub.com", { next: "/patients/import" });
    await accessible(page, () => page.getByText("Drop the file here").waitFor());
    const file = {
      name: "patients.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(
        "first_name,last_name,dob,sex,phone\nZoila,Imported,1980-01-02,female,7875550001\nZoran,Imported,1981-02-03,male,\nBad,Line,not a day,male,\n",
      ),
    };
    await page.locator("input[type=file]").setInputFiles(file);
    await page.getByText("The first patients of the file").waitFor();
    await page.getByText("1 line doesn't fit").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Bring in 2 patients" }).click();
    await page.getByText("2 patients were brought in").waitFor();
    await page.locator("input[type=file]").setInputFiles(file);
    await page.getByRole("button", { name: "Bring in 0 patients" }).waitFor();
  });
});
