/** A new installation: from the printed link to a schedule, and from an invitation's mail to a colleague at work. */
import { describe, expect, it } from "vitest";
import { accessible, scene, violations } from "./kit/index.ts";

const at = scene({ demo: false });

describe("the set-up wizard", () => {
  it("says so when the link is not whole", async () => {
    const { page } = await at.visit();
    await page.goto("/setup");
    await accessible(page, () => page.getByRole("heading", { name: "Open the set-up link" }).waitFor());
  });

  it("leads from the printed link to the schedule", async () => {
    const { page } = await at.visit({ timezoneId: "America/Puerto_Rico" });
    await page.goto(at.server.setupLink);
    await accessible(page, () => page.getByRole("heading", { name: "Which clinic is it?" }).waitFor());
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("This is required").waitFor();
    await page.getByLabel("Name of the clinic").fill("Harbour Family Practice");
    expect(await page.getByRole("combobox", { name: "Time zone" }).inputValue()).toBe("America/Puerto_Rico");
    await page.getByRole("button", { name: "Continue" }).click();

    await page.getByRole("heading", { name: "Who are you?" }).waitFor();
    await page.getByLabel("First name").fill("Ada");
    await page.getByLabel("Last name").fill("Marín");
    await page.getByLabel("E-mail").fill("ada@harbour.example");
    await page.getByLabel("Choose a password").fill("violet kettle 9");
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Continue" }).click();

    await page.getByRole("heading", { name: "Who sees the patients, and when?" }).waitFor();
    expect(await page.getByRole("radio", { name: "I am the doctor" }).isChecked()).toBe(true);
    await page.getByRole("button", { name: "With Saturday" }).click();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Back" }).click();
    expect(await page.getByLabel("First name").inputValue()).toBe("Ada");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Continue" }).click();

    await page.getByRole("heading", { name: "What does a visit cost?" }).waitFor();
    await page.getByLabel("Price (USD)").fill("95");
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Open the clinic" }).click();
    await page.waitForURL("**/schedule**");
    await page.getByText("Harbour Family Practice").first().waitFor();
  });

  it("works once", async () => {
    const { page } = await at.visit();
    await page.goto("/setup#token=spent");
    await page.getByRole("heading", { name: "ClinicHub is set up already" }).waitFor();
  });
});

describe("an invitation", () => {
  it("leads from the mail into the clinic", async () => {
    const login = await at.server.call<{ access_token: string }>("POST", "/api/login", null, {
      email: "ada@harbour.example",
      password: "violet kettle 9",
    });
    await at.server.call("POST", "/api/users", login.access_token, {
      first_name: "Rosa",
      last_name: "Vega",
      email: "rosa@harbour.example",
      role: "receptionist",
    });
    const link = await at.server.link("rosa@harbour.example", "/invite#token=");
    const { page } = await at.visit();
    await page.goto(link);
    await accessible(page, () => page.getByRole("heading", { name: "Join Harbour Family Practice" }).waitFor());
    expect(await page.getByLabel("First name").inputValue()).toBe("Rosa");
    await page.getByRole("button", { name: "Join" }).click();
    await page.getByText("This is required").waitFor();
    await page.getByLabel("Choose a password").fill("copper lantern 4");
    await page.getByRole("button", { name: "Join" }).click();
    await page.waitForURL("**/today**");
  });

  it("that was used says so", async () => {
    const link = await at.server.link("rosa@harbour.example", "/invite#token=");
    const { page } = await at.visit();
    await page.goto(link);
    await accessible(page, () => page.getByRole("heading", { name: "This invitation no longer works" }).waitFor());
  });
});
