/** Coming in: the right password and the wrong one, languages, an ended session, several clinics, and the way out. */
import { describe, expect, it } from "vitest";
import { accessible, scene, signIn, violations } from "./kit/index.ts";

const at = scene({ demo: true });

describe("the landing page", () => {
  it("leads to the sign-in page and is accessible", async () => {
    const { page } = await at.visit();
    await page.goto("/");
    await accessible(page, () => page.getByRole("heading", { level: 1 }).waitFor());
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  });
});

describe("signing in", () => {
  it("is accessible", async () => {
    const { page } = await at.visit();
    await page.goto("/sign-in");
    await accessible(page, () => page.getByRole("heading", { name: "Sign in" }).waitFor());
  });

  it("leads to the day, and to where one wanted to go", async () => {
    const { page } = await at.visit();
    await page.goto("/patients?search=ana");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.getByLabel("E-mail, user name or phone").fill("receptionist@clinichub.com");
    await page.getByLabel("Password", { exact: true }).fill("admin123");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Patients" }).waitFor();
    expect(new URL(page.url()).search).toContain("ana");
  });

  it("says what is missing and what is wrong, and keeps the name", async () => {
    const { page } = await at.visit();
    await page.goto("/sign-in");
    await page.getByRole("button", { name: "Sign in" }).click();
    const name = page.getByLabel("E-mail, user name or phone");
    await page.getByText("Enter your password").waitFor();
    expect(await name.evaluate((node) => node === document.activeElement)).toBe(true);
    await name.fill("nurse@clinichub.com");
    await page.getByLabel("Password", { exact: true }).fill("not it");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("don't go together").waitFor();
    expect(await name.inputValue()).toBe("nurse@clinichub.com");
    expect(await violations(page)).toEqual([]);
  });

  it("asks who works in several clinics which one it is", async () => {
    const { page } = await at.visit();
    await signIn(page, "bothwell@clinichub.com");
    await page.getByRole("heading", { name: "Which clinic are you in?" }).waitFor();
    await accessible(page, () => page.getByRole("heading", { level: 1 }).waitFor());
    await page.locator("main li button").nth(1).click();
    await page.waitForURL("**/today");
  });
});

describe("languages", () => {
  it("change at once and stay", async () => {
    const { page } = await at.visit();
    await page.goto("/sign-in");
    await page.getByRole("button", { name: "Español" }).click();
    await page.getByRole("heading", { name: "Iniciar sesión" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("es");
    await page.reload();
    await page.getByRole("heading", { name: "Iniciar sesión" }).waitFor();
  });

  it("follow the browser's", async () => {
    const { page } = await at.visit({ locale: "es-MX" });
    await page.goto("/");
    await page.getByRole("link", { name: "Iniciar sesión" }).waitFor();
  });

  it("may run from right to left", async () => {
    const { page } = await at.visit();
    await page.goto("/sign-in?lang=pseudo");
    await page.getByRole("heading", { level: 1, name: "⟦" }).waitFor();
    expect(await page.locator("html").getAttribute("dir")).toBe("rtl");
    const brand = await page.getByRole("link", { name: "ClinicHub" }).boundingBox();
    expect(brand && brand.x > 640).toBe(true);
    expect(await violations(page)).toEqual([]);
  });
});

describe("from right to left", () => {
  it("the menu stands on the right and nothing sticks out", async () => {
    const { page } = await at.visit();
    await page.goto("/sign-in?lang=pseudo");
    await page.locator("input[autocomplete=username]").fill("admin@clinichub.com");
    await page.locator("input[autocomplete=current-password]").fill("admin123");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/today");
    const menu = await page.locator("aside").boundingBox();
    expect(Math.round((menu?.x ?? 0) + (menu?.width ?? 0))).toBe(1280);
    await page.locator("aside").getByRole("link").nth(2).click();
    await page.waitForURL("**/patients");
    await accessible(page, () => page.getByRole("heading", { level: 1 }).waitFor());
  });
});

describe("a session", () => {
  it("goes on after the page was loaded anew, and in another tab", async () => {
    const { page, context } = await at.visit();
    await signIn(page, "admin@clinichub.com");
    await page.reload();
    await page.getByRole("heading", { name: "Today" }).waitFor();
    const other = await context.newPage();
    await other.goto("/profile");
    await other.getByText("This one").waitFor();
    await Promise.all([page.reload(), other.reload()]);
    await page.getByRole("heading", { name: "Today" }).waitFor();
    await other.getByText("This one").waitFor();
  });

  it("that ends while somebody types asks for the password over the screen and loses nothing", async () => {
    const { page } = await at.visit();
    await signIn(page, "receptionist@clinichub.com");
    await page.getByRole("heading", { name: "Today" }).waitFor();
    await page.goto("/profile");
    const first = page.getByLabel("First name");
    await first.fill("Rosalind");
    await endSessions("receptionist@clinichub.com");
    await page.locator("form", { has: first }).getByRole("button", { name: "Save" }).click();
    const again = page.getByRole("dialog", { name: "Your session ended" });
    await again.waitFor();
    expect(await violations(page)).toEqual([]);
    await again.getByLabel("Password", { exact: true }).fill("wrong");
    await again.getByRole("button", { name: "Go on" }).click();
    await again.getByRole("alert").getByText("don't go together").waitFor();
    await again.getByLabel("Password", { exact: true }).fill("admin123");
    await again.getByRole("button", { name: "Go on" }).click();
    await page.getByText("Profile saved").waitFor();
    expect(await first.inputValue()).toBe("Rosalind");
  });

  it("ends in every tab when one signs out", async () => {
    const { page, context } = await at.visit();
    await signIn(page, "technician@clinichub.com");
    const other = await context.newPage();
    await other.goto("/profile");
    await other.getByText("This one").waitFor();
    await page.getByRole("button", { name: /account menu/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await other.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.goto("/today");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  });

  /** Ends all sessions of somebody but the one that does it, as another device of theirs would. */
  async function endSessions(email: string): Promise<void> {
    const token = await at.server.token(email);
    const { sessions } = await at.server.call<{ sessions: { session_id: number; is_current: boolean }[] }>(
      "GET",
      "/api/auth/sessions",
      token,
    );
    for (const { session_id } of sessions.filter(({ is_current }) => !is_current)) {
      await at.server.call("DELETE", `/api/auth/sessions/${session_id}`, token);
    }
  }
});

describe("a forgotten password", () => {
  it("is replaced with the mailed link", async () => {
    const { page } = await at.visit();
    await page.goto("/forgot-password");
    await accessible(page, () => page.getByRole("heading", { level: 1 }).waitFor());
    await page.getByLabel("E-mail").fill("admin@xyz02.clinichub.com");
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.getByRole("heading", { name: "Check your mail" }).waitFor();
    await expect.poll(() => at.server.mails.length, { timeout: 20_000 }).toBeGreaterThan(0);
    const link =
      /\S+\/reset-password#token=\S+/.exec(
        at.server.mails
          .join("\n")
          .replace(/=\r?\n/g, "")
          .replace(/=3D/g, "="),
      )?.[0] ?? "";
    await page.goto(link);
    await page.getByLabel("New password").fill("violet kettle 9");
    expect(page.url()).not.toContain("token");
    await page.getByRole("button", { name: "Save the password" }).click();
    await page.getByRole("heading", { name: "Your new password is set" }).waitFor();
    await signIn(page, "admin@xyz02.clinichub.com", { password: "violet kettle 9" });
    await page.getByRole("heading", { name: "Today" }).waitFor();
  });

  it("says when the link is not whole", async () => {
    const { page } = await at.visit();
    await page.goto("/reset-password");
    await page.getByRole("heading", { name: "This link is not complete" }).waitFor();
  });
});
