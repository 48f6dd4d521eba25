/** Administration: people come and go, the table of permissions holds, hours are kept, and the log tells who looked. */
import { describe, expect, it } from "vitest";
import { accessible, PHONE, scene, signIn, violations } from "./kit/index.ts";

const at = scene({ demo: true });

describe("the staff", () => {
  it("grows by an invitation, and shrinks at once", async () => {
    const { page } = await at.visit();
    await signIn(page, "admin@clinichub.com", { next: "/admin" });
    await accessible(page, () =>
      page
        .getByRole("table", { name: "Staff" })
        .or(page.getByRole("list", { name: "Staff" }))
        .waitFor(),
    );
    await page.getByRole("button", { name: "Invite somebody" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("First name").fill("Rosa");
    await dialog.getByLabel("Last name").fill("Vega");
    await dialog.getByLabel("E-mail").fill("rosa@harbor.example");
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Send the invitation" }).click();
    await page.getByText("The invitation went to rosa@harbor.example").waitFor();
    await page.getByRole("row").filter({ hasText: "Rosa Vega" }).getByText("Invited").waitFor();
    expect(await at.server.link("rosa@harbor.example", "/invite#token=")).toContain("/invite#token=");

    const { page: theirs } = await at.visit();
    await signIn(theirs, "technician@clinichub.com");
    await theirs.getByRole("heading", { level: 1 }).waitFor();
    await page.getByRole("row").filter({ hasText: "Technician" }).getByRole("button").first().click();
    await page.getByRole("button", { name: "End the access" }).click();
    await page
      .getByRole("dialog", { name: /^End the access of/ })
      .getByRole("button", { name: "End the access" })
      .click();
    await page.getByText(/has no access any more$/).waitFor();
    await theirs.goto("/patients");
    await theirs
      .getByRole("heading", { name: "Sign in" })
      .or(theirs.getByRole("dialog", { name: "Your session ended" }))
      .waitFor();
  });
});

describe("the permissions", () => {
  it("take effect when they are changed, and go back to the usual", async () => {
    const { page } = await at.visit();
    await signIn(page, "admin@clinichub.com", { next: "/admin?tab=permissions" });
    await accessible(page, () => page.getByRole("region", { name: "Permissions" }).waitFor());
    const box = page.getByRole("checkbox", { name: "See invoices: Nurse" });
    await box.check();
    await page.getByText("1 differs from the usual").waitFor();
    const token = await at.server.token("nurse@clinichub.com");
    await at.server.call("GET", "/api/invoices", token);
    await page.getByRole("button", { name: "Back to the usual" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Back to the usual" }).click();
    await page.getByText("0 differ from the usual").waitFor();
    await expect(at.server.call("GET", "/api/invoices", token)).rejects.toThrow("403");
  });

  it("are shown for one role at a time on a phone, and changed by keyboard", async () => {
    const { page } = await at.visit({ viewport: PHONE });
    await signIn(page, "admin@clinichub.com", { next: "/admin?tab=permissions" });
    const part = page.getByRole("region", { name: "Permissions" });
    await part.getByRole("combobox", { name: "Role" }).selectOption("Nurse");
    const list = part.getByRole("list", { name: "Nurse" });
    const invoices = list.getByRole("switch", { name: "See invoices" });
    expect(await invoices.isChecked()).toBe(false);
    await invoices.focus();
    await page.keyboard.press("Space");
    await list.getByRole("switch", { name: "See invoices (changed)" }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
    const token = await at.server.token("nurse@clinichub.com");
    await at.server.call("GET", "/api/invoices", token);
    await part.getByRole("combobox", { name: "Role" }).selectOption("Technician");
    expect(
      await part.getByRole("list", { name: "Technician" }).getByRole("switch", { name: "See invoices" }).isChecked(),
    ).toBe(false);
    await part.getByRole("combobox", { name: "Role" }).selectOption("Nurse");
    await list.getByRole("switch", { name: "See invoices (changed)" }).focus();
    await page.keyboard.press("Space");
    await list.getByRole("switch", { name: "See invoices", exact: true }).waitFor();
    await expect(at.server.call("GET", "/api/invoices", token)).rejects.toThrow("403");
  });
});

describe("a doctor's hours", () => {
  it("are changed and kept", async () => {
    const { page } = await at.visit();
    await signIn(page, "admin@clinichub.com", { next: "/admin?tab=doctors" });
    await accessible(page, () => page.getByRole("tab", { name: "Doctors and hours" }).waitFor());
    await page.getByRole("button", { name: "Daniel Doctor" }).click();
    await page.getByRole("button", { name: "Mornings only" }).click();
    await page.getByRole("button", { name: "Add a day" }).click();
    await page.getByLabel("Day", { exact: true }).fill("2030-12-25");
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Save the hours" }).click();
    await page.getByText("The hours are saved").waitFor();
    const token = await at.server.token("admin@clinichub.com");
    const kept = await at.server.call<{ weekly: unknown[] }>("GET", "/api/doctors/2/availability", token);
    expect(kept.weekly).toHaveLength(5);
  });
});

describe("the clinic", () => {
  it("is described, and two who change it see each other's words", async () => {
    const { page } = await at.visit();
    await signIn(page, "admin@clinichub.com", { next: "/admin?tab=clinic" });
    await accessible(page, () => page.getByRole("tab", { name: "Clinic" }).waitFor());
    await page.getByLabel("City").fill("Ponce");
    const token = await at.server.token("admin@clinichub.com");
    await at.server.call("PUT", "/api/clinics/1", token, { city: "Caguas" });
    await page.getByRole("button", { name: "Save" }).click();
    const dialog = page.getByRole("dialog", { name: "Someone else changed this" });
    await dialog.getByText("Caguas").waitFor();
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Save this" }).click();
    await page.getByText("Saved").first().waitFor();
  });
});

describe("the audit log", () => {
  it("tells who looked at a patient", async () => {
    const nurse = await at.server.token("nurse@clinichub.com");
    await at.server.call("GET", "/api/patients/1", nurse);
    const { page } = await at.visit();
    await signIn(page, "admin@clinichub.com", { next: "/admin?tab=audit&patient=1" });
    await page.getByText("Looked at a chart").first().waitFor();
    await accessible(page, () => page.getByText("Looked at a chart").first().waitFor());
    await page.getByRole("button", { name: /^Patient: / }).waitFor();
  });
});
