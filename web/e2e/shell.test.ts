/** What stands around every screen: menu, palette, keys, permissions, and what happens without a connection. */
import { describe, expect, it } from "vitest";
import { accessible, PHONE, scene, signIn, violations } from "./kit/index.ts";

const at = scene({ demo: true });

describe("the menu", () => {
  it("offers what the role may see, and refuses the rest", async () => {
    const { page } = await at.visit();
    await signIn(page, "nurse@clinichub.com");
    const menu = page.getByRole("navigation", { name: "Main menu" });
    await menu.getByRole("link", { name: "Patients" }).waitFor();
    expect(await menu.getByRole("link", { name: "Billing" }).count()).toBe(0);
    await page.goto("/billing");
    await page.getByRole("heading", { name: "This isn't for you" }).waitFor();
    await accessible(page, () => page.getByRole("heading", { level: 2 }).waitFor());
  });

  it("moves the focus to the new screen's title", async () => {
    const { page } = await at.visit();
    await signIn(page, "admin@clinichub.com");
    await page.getByRole("link", { name: "Patients" }).click();
    await page.getByRole("heading", { name: "Patients" }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Patients");
    expect(await page.title()).toBe("Patients · ClinicHub");
  });

  it("has a bar at the bottom of a phone", async () => {
    const { page } = await at.visit({ viewport: PHONE });
    await signIn(page, "admin@clinichub.com");
    const bar = page.getByRole("navigation", { name: "Main menu" });
    await bar.getByRole("link", { name: "Schedule" }).click();
    await page.getByRole("heading", { name: "Schedule" }).waitFor();
    const box = await bar.boundingBox();
    expect(Math.round((box?.y ?? 0) + (box?.height ?? 0))).toBe(PHONE.height);
  });

  it("is skipped with the first key", async () => {
    const { page } = await at.visit();
    await signIn(page, "admin@clinichub.com");
    await page.reload();
    await page.getByRole("heading", { name: "Today" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("content");
  });
});

describe("the account menu", () => {
  it("changes colours and language, which follow the person to another browser", async () => {
    const { page } = await at.visit();
    await signIn(page, "technician@clinichub.com");
    const menu = page.getByRole("button", { name: /account menu/ });
    await menu.click();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("ArrowDown");
    await page.getByRole("menuitemradio", { name: "Dark" }).click();
    await expect.poll(() => page.locator("html").getAttribute("data-mantine-color-scheme")).toBe("dark");
    await menu.click();
    const kept = page.waitForResponse((response) => response.url().endsWith("/api/auth/me") && response.ok());
    await page.getByRole("menuitemradio", { name: "Español" }).click();
    await page.getByRole("heading", { name: "Hoy" }).waitFor();
    await kept;
    const other = await at.visit();
    await signIn(other.page, "technician@clinichub.com");
    await other.page.getByRole("heading", { name: "Hoy" }).waitFor();
    expect(await other.page.locator("html").getAttribute("data-mantine-color-scheme")).toBe("dark");
  });
});

describe("the palette", () => {
  it("finds a patient as one types and opens the chart with Enter", async () => {
    const { page } = await at.visit();
    await signIn(page, "receptionist@clinichub.com");
    await page.getByRole("heading", { name: "Today" }).waitFor();
    const token = await at.server.token("receptionist@clinichub.com");
    const { patients } = await at.server.call<{
      patients: { patient_id: number; first_name: string; last_name: string }[];
    }>("GET", "/api/patients?per_page=1", token);
    const [patient] = patients;
    await page.keyboard.press("/");
    const field = page.getByRole("dialog").getByRole("combobox");
    await field.fill(`${patient?.first_name} ${patient?.last_name}`);
    await page
      .getByRole("option", { name: `${patient?.first_name} ${patient?.last_name}` })
      .first()
      .waitFor();
    expect(await violations(page)).toEqual([]);
    await field.press("Enter");
    await page.waitForURL("**/patients/*");
  });

  it("goes to places by keyboard", async () => {
    const { page } = await at.visit();
    await signIn(page, "admin@clinichub.com");
    await page.getByRole("heading", { name: "Today" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").fill("sched");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Schedule" }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("p");
    await page.getByRole("heading", { name: "Patients" }).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    expect(await violations(page)).toEqual([]);
  });
});

describe("without a connection", () => {
  it("says so, keeps what is sent, and sends it once when it is back", async () => {
    const { page, context } = await at.visit();
    await signIn(page, "receptionist@clinichub.com");
    await page.goto("/profile");
    await page.getByLabel("First name").fill("Remi");
    await context.setOffline(true);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("No connection to the server").waitFor();
    await page.getByText("1 change is sent when it is back").waitFor();
    expect(await violations(page)).toEqual([]);
    await context.setOffline(false);
    await page.getByText("Profile saved").waitFor();
    await page.getByText("No connection to the server").waitFor({ state: "detached" });
  });
});

describe("an address that leads nowhere", () => {
  it("says so", async () => {
    const { page } = await at.visit();
    await page.goto("/no/such/screen");
    await accessible(page, () => page.getByRole("heading", { name: "There is nothing here" }).waitFor());
  });
});

describe("one's profile", () => {
  it("is accessible and shows where one is signed in", async () => {
    const { page } = await at.visit();
    await signIn(page, "admin@clinichub.com");
    await page.goto("/profile");
    await accessible(page, () => page.getByText("This one").waitFor());
  });
});
