/** The operator's clinics: what they did, new ones, and shutting one out and letting it in again. */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { accessible, PHONE, scene, signIn, violations } from "./kit/index.ts";

const at = scene({ demo: true });
const OPERATOR = "operator@clinichub.com";

describe("the clinics and their usage", () => {
  it("stand with their state and what they come to", async () => {
    const { page } = await at.visit();
    await signIn(page, OPERATOR, { next: "/operator" });
    const settled = async () => {
      await page.getByText("Harbor Family Clinic").waitFor();
      await page.getByText("2 of 2", { exact: true }).waitFor();
    };
    await settled();
    await page.getByRole("row").filter({ hasText: "ABC01" }).getByText("Active").waitFor();
    await accessible(page, settled);
    await page.getByRole("searchbox", { name: "Search" }).fill("hillside");
    await page.getByText("Harbor Family Clinic").waitFor({ state: "detached" });
    await page.waitForURL("**search=hillside**");
    await page.getByRole("radiogroup", { name: "Status" }).getByText("Suspended").click();
    await page.getByText("No clinics match").waitFor();
  });

  it("are counted in a period and saved as a file that agrees with the server", async () => {
    const { page } = await at.visit();
    await signIn(page, OPERATOR, { next: "/operator?from=2026-01-01&to=2026-01-31" });
    await page.getByText("2 of 2", { exact: true }).waitFor();
    await page.getByRole("radiogroup", { name: "Period" }).getByText("Last month").click();
    await page.waitForURL((url) => url.searchParams.get("from") !== "2026-01-01");
    const { from, to } = Object.fromEntries(new URL(page.url()).searchParams);
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as CSV" }).click();
    const file = await saved;
    expect(file.suggestedFilename()).toBe(`usage-${from}-${to}.csv`);
    const lines = (await readFile(await file.path(), "utf8")).trim().split("\r\n");
    const token = await at.server.token(OPERATOR);
    const answer = await at.server.call("GET", `/api/clinics/usage?from=${from}&to=${to}`, token);
    const { totals } = answer as { totals: Record<string, number> };
    const numbers = ["staff", "patients", "appointments", "completed", "invoices"].map((what) => totals[what]);
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatch(/^ABC01,Harbor Family Clinic,Active,/);
    expect(lines[3]).toBe(["Total", "", "", from, to, ...numbers].join(","));
    await page.getByLabel("To", { exact: true }).fill("2020-01-01");
    await page.getByText("The period must not end before it begins").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it("fit a phone, in Spanish", async () => {
    const { page } = await at.visit({ viewport: PHONE });
    await signIn(page, OPERATOR, { next: "/operator" });
    await page.goto("/operator?lang=es");
    await page.getByRole("heading", { level: 1, name: "Clínicas" }).waitFor();
    await page.getByText("Harbor Family Clinic").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
  });

  it("are nobody else's", async () => {
    const { page } = await at.visit();
    await signIn(page, "admin@clinichub.com", { next: "/operator" });
    await page.getByText("This isn't for you").waitFor();
  });
});

describe("a new clinic", () => {
  it("is refused a code that is taken, then made", async () => {
    const { page } = await at.visit();
    await signIn(page, OPERATOR, { next: "/operator" });
    await page.getByRole("button", { name: "New clinic" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Create the clinic" }).click();
    await dialog.getByText("This is required").waitFor();
    await dialog.getByRole("textbox", { name: "Name" }).fill("Lakeside Clinic");
    await dialog.getByRole("textbox", { name: "Short code" }).fill("abc01");
    await accessible(page, () => dialog.getByRole("button", { name: "Create the clinic" }).waitFor());
    await dialog.getByRole("button", { name: "Create the clinic" }).click();
    await dialog.getByText("Another clinic has the code ABC01").waitFor();
    await dialog.getByRole("textbox", { name: "Short code" }).fill("LAKE01");
    await dialog.getByRole("button", { name: "Create the clinic" }).click();
    await dialog.getByText("Lakeside Clinic is created. Its code is LAKE01.").waitFor();
    await dialog.getByLabel("First name").fill("Lena");
    await dialog.getByLabel("Last name").fill("Lake");
    await dialog.getByLabel("E-mail").fill("lena at lakeside");
    await dialog.getByRole("button", { name: "Invite as administrator" }).click();
    await dialog.getByText("expected an e-mail address").waitFor();
    await dialog.getByLabel("E-mail").fill("lena@lakesied.example");
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Invite as administrator" }).click();
    await dialog.getByText("is on its way to lena@lakesied.example").waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await page.getByRole("row").filter({ hasText: "LAKE01" }).waitFor();
  });

  it("has its first administrator invited, to the right address in the end, who then works there", async () => {
    const { page } = await at.visit();
    await signIn(page, OPERATOR, { next: "/operator" });
    await page.getByRole("button", { name: "Invite the first administrator of Lakeside Clinic" }).click();
    const dialog = page.getByRole("dialog", { name: "First administrator of Lakeside Clinic" });
    await dialog.getByLabel("First name").fill("Lena");
    await dialog.getByLabel("Last name").fill("Lake");
    await dialog.getByLabel("E-mail").fill("lena@lakeside.example");
    await accessible(page, () => dialog.getByLabel("E-mail").waitFor());
    await dialog.getByRole("button", { name: "Invite as administrator" }).click();
    await dialog.getByText("is on its way to lena@lakeside.example").waitFor();
    const { page: stranger } = await at.visit();
    await stranger.goto(await at.server.link("lena@lakesied.example", "/invite#token="));
    await stranger.getByRole("heading", { name: "This invitation no longer works" }).waitFor();
    const { page: lena } = await at.visit();
    await lena.goto(await at.server.link("lena@lakeside.example", "/invite#token="));
    await lena.getByRole("heading", { name: "Join Lakeside Clinic" }).waitFor();
    await lena.getByLabel("Choose a password").fill("violet kettle 9");
    await lena.getByRole("button", { name: "Join" }).click();
    await lena.waitForURL("**/today**");
    await lena.goto("/admin");
    await lena.getByRole("row").filter({ hasText: "Lena Lake" }).getByText("Active").waitFor();
    await dialog.getByRole("button", { name: "Invite again" }).click();
    await dialog.getByLabel("First name").fill("Eve");
    await dialog.getByLabel("Last name").fill("Else");
    await dialog.getByLabel("E-mail").fill("eve@lakeside.example");
    await dialog.getByRole("button", { name: "Invite as administrator" }).click();
    await dialog.getByText("The clinic has an admin already").waitFor();
  });
});

describe("suspending a clinic", () => {
  it("shuts its people out at once, and reactivating lets them in", async () => {
    const { page } = await at.visit();
    await signIn(page, OPERATOR, { next: "/operator" });
    const token = await at.server.token("admin@clinichub.com");
    await at.server.call("GET", "/api/patients", token);
    const row = page.getByRole("row").filter({ hasText: "ABC01" });
    await row.getByRole("button", { name: "Suspend Harbor Family Clinic" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("is signed out at once").waitFor();
    await accessible(page, () => dialog.getByText("Nothing is deleted.").waitFor());
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await row.getByText("Active").waitFor();
    await row.getByRole("button", { name: "Suspend Harbor Family Clinic" }).click();
    await dialog.getByRole("button", { name: "Suspend" }).click();
    await page.getByText("Harbor Family Clinic is suspended").waitFor();
    await row.getByText("Suspended").waitFor();
    await expect(at.server.call("GET", "/api/patients", token)).rejects.toThrow(/: 40[13] /);
    await row.getByRole("button", { name: "Reactivate Harbor Family Clinic" }).click();
    await dialog.getByText("with the passwords they had").waitFor();
    await dialog.getByRole("button", { name: "Reactivate" }).click();
    await row.getByText("Active").waitFor();
    expect(await at.server.token("admin@clinichub.com")).toBeTruthy();
  });

  it("changes nothing where somebody else was quicker", async () => {
    const { page } = await at.visit();
    await signIn(page, OPERATOR, { next: "/operator" });
    const row = page.getByRole("row").filter({ hasText: "XYZ02" });
    await row.getByRole("button", { name: /^Suspend/ }).click();
    const token = await at.server.token(OPERATOR);
    await at.server.call("PUT", "/api/clinics/2", token, { phone: "+1 212 555 0199" });
    await page.getByRole("dialog").getByRole("button", { name: "Suspend" }).click();
    await page.getByText("was changed meanwhile").waitFor();
    await row.getByText("Active").waitFor();
  });
});
