/** A day's main work without a mouse: what can't be reached, or whose focus can't be seen, fails here. */
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { scene } from "./kit/index.ts";

const at = scene({ demo: true });
const DOCTOR = "doctor@clinichub.com";
const DESK = "receptionist@clinichub.com";

/** Somebody who has keys only. */
class Hands {
  readonly page: Page;
  /** Where the focus was and couldn't be seen. */
  readonly unseen = new Set<string>();

  constructor(page: Page) {
    this.page = page;
  }

  press(...keys: string[]): Promise<void> {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  type(text: string): Promise<void> {
    return this.page.keyboard.type(text);
  }

  /** Goes to it with Tab, as a person would. */
  async reach(target: Locator, most = 70): Promise<void> {
    await target.waitFor();
    await this.isSomewhere();
    const one = target.first();
    for (let step = 0; step < most; step += 1) {
      if (await one.evaluate((element) => element === document.activeElement)) return this.look();
      await this.press("Tab");
      await this.look();
    }
    throw new Error(`${target} can't be reached with ${most} tabs`);
  }

  async into(label: string | RegExp, text: string, within: Page | Locator = this.page): Promise<void> {
    await this.reach(within.getByLabel(label, { exact: true }));
    await this.type(text);
  }

  /** Arrow keys until it is the one, then Enter. */
  async choose(option: Locator): Promise<void> {
    await this.press("ArrowDown");
    await option.waitFor();
    for (let step = 0; step < 30; step += 1) {
      if (await option.evaluate((element) => element.hasAttribute("data-combobox-selected")))
        return this.press("Enter");
      await this.press("ArrowDown");
    }
    throw new Error(`${option} can't be chosen with arrow keys`);
  }

  /** Through an open menu with the arrow keys, then Enter. */
  async pick(item: Locator): Promise<void> {
    await item.waitFor();
    await expect
      .poll(() => this.page.evaluate(() => document.activeElement?.closest("[role=menu]") !== null))
      .toBe(true);
    for (let step = 0; step < 15; step += 1) {
      if (await item.evaluate((element) => element === document.activeElement)) return this.press("Enter");
      await this.press("ArrowDown");
    }
    throw new Error(`${item} can't be reached with arrow keys`);
  }

  /** Where the focus is must be seen a moment later: by a line around it, its frame or its label. */
  private async look(): Promise<void> {
    const unseen = await this.page.evaluate(async () => {
      const judge = () => {
        const focused = document.activeElement;
        // Past the last one the browser's own buttons follow.
        if (!focused || focused === document.body || focused.id === "content") return null;
        const isLined = (element: Element | null, part?: string) => {
          if (!element) return false;
          const { outlineStyle, outlineWidth } = getComputedStyle(element, part);
          return outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0;
        };
        // The button in a date or a time has the browser's own line.
        const isInner = focused.matches("input[type=date], input[type=time]") && !focused.matches(":focus");
        const near = [focused, focused.nextElementSibling, focused.parentElement, focused.closest("label")];
        const isSeen = isInner || near.some((element) => isLined(element)) || isLined(focused, "::after");
        const { left, right, top, bottom } = focused.getBoundingClientRect();
        const isInside = right > 0 && left < innerWidth && bottom > 0 && top < innerHeight;
        if (isSeen && isInside) return null;
        return `${isSeen ? "outside of the window" : "no line"}: ${focused.outerHTML.slice(0, 160)}`;
      };
      for (let tries = 0; judge() !== null && tries < 20; tries += 1) {
        await new Promise((resume) => setTimeout(resume, 20));
      }
      return judge();
    });
    if (unseen) this.unseen.add(unseen);
  }

  /** Whoever was somewhere is still somewhere. */
  async isSomewhere(): Promise<void> {
    await expect
      .poll(() => this.page.evaluate(() => document.activeElement?.tagName), { message: "the focus is lost" })
      .not.toBe("BODY");
  }

  async signIn(email: string): Promise<void> {
    await this.page.goto("/sign-in");
    await this.into("E-mail, user name or phone", email);
    await this.into("Password", "admin123");
    await this.press("Enter");
    await this.page.getByRole("heading", { name: "Today" }).waitFor();
  }

  async signOut(): Promise<void> {
    await this.reach(this.page.getByRole("button", { name: /account menu/ }));
    await this.press("Enter");
    await this.pick(this.page.getByRole("menuitem", { name: "Sign out" }));
    await this.page.waitForURL((url) => ["/", "/sign-in"].includes(url.pathname));
  }
}

describe("without a mouse", () => {
  it("the work of a day is done", async () => {
    const token = await at.server.token(DOCTOR);
    const item = {
      drug: "Dextromethorphan",
      strength: "15 mg",
      form: "tablet",
      frequency_code: "TID",
      duration_days: 5,
    };
    await at.server.call("POST", "/api/prescription-favorites", token, { name: "For a cough", item });
    const { page } = await at.visit();
    const hands = new Hands(page);
    const dialog = (name: string | RegExp) => page.getByRole("dialog", { name });
    await hands.signIn(DOCTOR);

    // The palette finds a patient.
    await hands.press("Control+k");
    await dialog("Search").getByRole("combobox").waitFor();
    await hands.type("Valeria Escobar");
    await page.getByRole("option", { name: /Valeria Escobar/ }).waitFor();
    await hands.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Valeria Escobar" }).waitFor();

    // A patient is registered.
    await hands.press("g", "p");
    await page.getByRole("heading", { name: "Patients" }).waitFor();
    await hands.press("n");
    await page.getByRole("heading", { name: "New patient" }).waitFor();
    await hands.into(/^First name/, "Keyla");
    await hands.into(/^Last name/, "Teclado");
    await hands.into(/^Date of birth/, "02291984");
    await hands.reach(page.getByRole("combobox", { name: "Sex" }));
    await hands.choose(page.getByRole("option", { name: "Female", exact: true }));
    await hands.reach(page.getByRole("button", { name: "Register" }));
    await hands.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Keyla Teclado" }).waitFor();

    // She is booked, at an hour when the demonstration's doctors sleep.
    await hands.press("g", "s");
    await page.getByRole("heading", { name: "Schedule" }).waitFor();
    await page.getByRole("button", { name: "Book", exact: true }).first().waitFor();
    await hands.press("b");
    const booking = dialog("Book an appointment");
    await booking.waitFor();
    await hands.reach(booking.getByRole("textbox", { name: "Patient" }));
    await hands.type("Keyla Tec");
    await hands.choose(page.getByRole("option", { name: /Keyla Teclado/ }));
    await hands.into(/^Time/, "1205AM", booking);
    await hands.into("Reason", "Cough", booking);
    await hands.reach(booking.getByRole("button", { name: "Book", exact: true }));
    await hands.press("Enter");
    await page.getByText(/^Booked: ABC01-A\d+$/).waitFor();
    await booking.waitFor({ state: "detached" });
    await hands.isSomewhere();

    // Her card goes on by its menu, and the focus goes with it.
    await hands.press("g", "d");
    await page.getByRole("heading", { name: "Today" }).waitFor();
    const lane = (name: string) => page.getByRole("region", { name: new RegExp(`^${name}`) });
    await hands.reach(lane("Expected").getByRole("button", { name: "Actions for Keyla Teclado" }));
    await hands.press("Enter");
    await hands.pick(page.getByRole("menuitem", { name: "Check in" }));
    const card = lane("Waiting").getByRole("button", { name: "Keyla Teclado", exact: true });
    await card.waitFor();
    await expect.poll(() => card.evaluate((element) => element === document.activeElement)).toBe(true);

    // Her visit is begun, measured and written.
    await hands.press("Enter");
    const panel = dialog("Appointment");
    await hands.reach(panel.getByRole("button", { name: "Start the visit" }));
    await hands.press("Enter");
    await page.waitForURL(/\/visits\/\d+$/);
    await page.getByRole("heading", { level: 1, name: "Keyla Teclado" }).waitFor();
    await hands.into("Systolic", "128");
    await hands.into("Diastolic", "82");
    await hands.reach(page.getByRole("button", { name: "Record" }));
    await hands.press("Enter");
    await page.getByText("128/82").first().waitFor();
    await hands.into("Subjective", "Cough for two weeks.");
    await page.getByText(/^Saved /).waitFor();

    // A favourite becomes a signed prescription.
    await hands.reach(page.getByRole("button", { name: "Write a prescription" }));
    await hands.press("Enter");
    const writer = dialog("Prescription");
    await writer
      .getByRole("button", { name: /For a cough/ })
      .first()
      .waitFor();
    await hands.press("1");
    await expect.poll(() => writer.getByRole("button", { name: /^Sign/ }).isEnabled()).toBe(true);
    await hands.press("Control+Enter");
    await writer.getByText(/is signed$/).waitFor();
    await hands.press("Escape");
    await writer.waitFor({ state: "detached" });
    await hands.isSomewhere();

    // The visit is completed.
    await hands.reach(page.getByRole("button", { name: "Complete", exact: true }), 120);
    await hands.press("Enter");
    await hands.reach(dialog("Complete the visit?").getByRole("button", { name: "Complete" }));
    await hands.press("Enter");
    await hands.reach(dialog("The visit is completed").getByRole("button", { name: "Stay here" }));
    await hands.press("Enter");
    await hands.signOut();

    // The desk makes the invoice of it and takes the money.
    await hands.signIn(DESK);
    await hands.press("g", "b");
    await page.getByRole("heading", { name: "Billing" }).waitFor();
    await hands.reach(page.getByRole("button", { name: "Invoice the visit of Keyla Teclado" }));
    await hands.press("Enter");
    await page.waitForURL(/\/billing\/\d+$/);
    await hands.reach(page.getByRole("button", { name: "Mark as paid" }));
    await hands.press("Enter");
    await page.getByText("The invoice is paid").waitFor();
    await hands.signOut();
    expect([...hands.unseen]).toEqual([]);
  }, 120_000);
});
