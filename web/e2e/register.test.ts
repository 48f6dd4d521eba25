/** A patient registers with a clinic by themselves. */
import { describe, expect, it } from "vitest";
import { accessible, PHONE, scene, signIn, violations } from "./kit/index.ts";

const at = scene({ demo: true });

describe("registering as a patient", () => {
  it("leads from the landing page into the clinic, and says what happens next", async () => {
    const { page } = await at.visit();
    await page.goto("/");
    await page.getByRole("link", { name: "Register as a patient" }).click();
    await page.getByRole("heading", { level: 1, name: "Register as a patient" }).waitFor();
    await accessible(page, () => page.getByRole("button", { name: "Register" }).waitFor());
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByText("This is required").first().waitFor();
    expect(await violations(page)).toEqual([]);

    await page
      .getByRole("combobox", { name: "Clinic" })
      .or(page.getByLabel("Clinic", { exact: true }))
      .first()
      .click();
    await page.keyboard.type("harbor");
    await page.getByRole("option", { name: /Harbor Family Clinic/ }).click();
    await page.getByLabel("First name").fill("Pilar");
    await page.getByLabel("Last name").fill("Nueva");
    await page.getByLabel("Date of birth").fill("1990-05-10");
    await page.getByLabel("Sex").selectOption({ label: "Female" });
    await page.getByLabel("E-mail").fill("admin@clinichub.com");
    await page.getByLabel("Choose a password").fill("violet kettle 9");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByText("already in use").waitFor();
    expect(await page.getByLabel("First name").inputValue()).toBe("Pilar");
    await page.getByLabel("E-mail").fill("pilar@patients.example");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByRole("heading", { name: "You are registered with Harbor Family Clinic" }).waitFor();
    await page.getByText("Ask for an appointment").waitFor();
    await accessible(page, () => page.getByText("Keep your password").waitFor());

    const token = await at.server.token("receptionist@clinichub.com");
    const { patients } = await at.server.call<{ patients: { first_name: string }[] }>(
      "GET",
      "/api/patients/search?q=nueva",
      token,
    );
    expect(patients.map(({ first_name }) => first_name)).toEqual(["Pilar"]);
    await page.getByRole("link", { name: "Go to my account" }).click();
    await page.waitForURL("**/profile");
    await page.getByLabel("First name").waitFor();
  });

  it("knows the clinic from the clinic's own link, on a phone, in Spanish", async () => {
    const { page } = await at.visit({ viewport: PHONE, locale: "es-PR" });
    await page.goto("/register?clinic=ABC01");
    await page.getByRole("heading", { level: 1, name: "Registrarse como paciente" }).waitFor();
    await expect
      .poll(() => page.getByLabel("Clínica", { exact: true }).first().inputValue())
      .toContain("Harbor Family Clinic");
    await page.getByLabel("Nombre", { exact: true }).fill("Pilar");
    await page.getByLabel("Apellidos").fill("Otra");
    await page.getByLabel("Fecha de nacimiento").fill("1990-05-10");
    await page.getByLabel("Sexo").selectOption({ label: "Femenino" });
    await page.getByLabel("Correo electrónico").fill("pilar.otra@patients.example");
    await page.getByLabel("Elija una contraseña").fill("password");
    await page.getByRole("button", { name: "Registrarme" }).click();
    await page.getByText("Esta contraseña es demasiado fácil de adivinar").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
  });

  it("is for nobody who is signed in", async () => {
    const { page } = await at.visit();
    await signIn(page, "receptionist@clinichub.com");
    await page.goto("/register");
    await page.waitForURL("**/today**");
  });
});
