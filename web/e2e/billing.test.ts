/** From the completed appointment to the paid invoice, and the fee schedule. */
import { describe, expect, it } from "vitest";
import { accessible, PHONE, scene, signIn, violations } from "./kit/index.ts";

const at = scene({ demo: true });

describe("what is to be billed", () => {
  it("is invoiced with one click, paid, and unpaid again", async () => {
    const { page } = await at.visit();
    await signIn(page, "receptionist@clinichub.com", { next: "/billing" });
    await page.getByRole("tab", { name: "To bill", selected: true }).waitFor();
    const row = page
      .getByRole("row")
      .filter({ has: page.getByRole("button", { name: /^Invoice the visit of/ }) })
      .first();
    await row.waitFor();
    await accessible(page, () => page.getByRole("tab", { name: "To bill" }).waitFor());
    await row.getByRole("button").click();
    await page.waitForURL(/\/billing\/\d+$/);
    await page.getByText("Take the payment").waitFor();
    await accessible(page, () => page.getByText("Unpaid").waitFor());
    await page.getByRole("textbox", { name: "Reference" }).fill("R-1234");
    await page.getByRole("button", { name: "Mark as paid" }).click();
    await page.getByText("The invoice is paid").waitFor();
    await page.getByText("R-1234").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Mark as unpaid" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Mark as unpaid" }).click();
    await page.getByText("Take the payment").waitFor();
  });

  it("is invoiced together when several are chosen", async () => {
    const { page } = await at.visit();
    await signIn(page, "admin@clinichub.com", { next: "/billing" });
    const boxes = page.getByRole("checkbox", { name: /^Choose the visit of/ });
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    await page.getByText("2 chosen").waitFor();
    await page.getByRole("button", { name: "Make the invoices" }).click();
    await page.getByText("2 invoices are made").waitFor();
  });
});

describe("the invoices", () => {
  it("are filtered in the address, summed, and saved as a file", async () => {
    const { page } = await at.visit();
    await signIn(page, "admin@clinichub.com", { next: "/billing?tab=invoices" });
    await page.getByText(/^\d+ invoices$/).waitFor();
    await accessible(page, () => page.getByText(/^\d+ invoices$/).waitFor());
    await page.getByRole("radiogroup", { name: "Status" }).getByText("Unpaid").click();
    await page.waitForURL("**status=unpaid**");
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as CSV" }).click();
    expect((await saved).suggestedFilename()).toBe("invoices.csv");
    await page.getByRole("searchbox", { name: "Search" }).fill("zzzz");
    await page.getByText("No invoices match").waitFor();
  });

  it("fit a phone", async () => {
    const { page } = await at.visit({ viewport: PHONE });
    await signIn(page, "admin@clinichub.com", { next: "/billing?tab=invoices" });
    await page.getByText(/^\d+ invoices$/).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
  });
});

describe("the fee schedule", () => {
  it("takes a new service and refuses a price that is none", async () => {
    const { page } = await at.visit();
    await signIn(page, "admin@clinichub.com", { next: "/billing?tab=fees" });
    await page.getByRole("button", { name: "Add a service" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Service").fill("Wound care");
    await dialog.getByLabel("Code").fill("WOUND");
    await dialog.getByLabel("Price (USD)").fill("abc");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText("Enter an amount, like 95.00").waitFor();
    expect(await violations(page)).toEqual([]);
    await dialog.getByLabel("Price (USD)").fill("45.50");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText("The service is saved").waitFor();
    await page.getByRole("button", { name: "Wound care" }).waitFor();
    await page.getByText("$45.50").waitFor();
  });

  it("is only read by whoever may not change it", async () => {
    const { page } = await at.visit();
    await signIn(page, "receptionist@clinichub.com", { next: "/billing?tab=fees" });
    await page.getByRole("table", { name: "Fee schedule" }).waitFor();
    expect(await page.getByRole("button", { name: "Add a service" }).count()).toBe(0);
  });
});
