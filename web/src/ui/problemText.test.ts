/** The server's sentences are what they are in its code, and keep their numbers in another language. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TFunction } from "i18next";
import { expect, it } from "vitest";
import spanish from "@/i18n/server.es.json";
import { sentence, spoken } from "./problemText";

const say = (english: string) => spoken(english, (plain) => (spanish as Record<string, string>)[plain]);

it("says the server's sentences in another language", () => {
  expect(say("Provider already has an appointment at this time")).toBe("El profesional ya tiene una cita a esa hora");
  expect(say("duration_minutes: expected a number from 5 to 480")).toBe("Escriba un número de 5 a 480");
  expect(say("admin.phone: expected a phone number of 3 to 15 digits")).toBe("Escriba un teléfono de 3 a 15 cifras");
  expect(say("items[0].dose: expected more than 0, such as 1, 0.5 or 1-2")).toBe(
    "Escriba más de 0, por ejemplo 1, 0.5 o 1-2",
  );
  expect(say("dose_unit: expected a unit of UCUM such as mg, mL or {tablet}")).toBe(
    "Escriba una unidad UCUM como mg, mL o {tablet}",
  );
  expect(say("Something new")).toBeUndefined();
});

it("says how a unit is written", () => {
  const t = (key: string, values: object) => `${key} ${JSON.stringify(values)}`;
  const said = sentence("dose_unit: in UCUM it is written ug/kg", t as unknown as TFunction);
  expect(said).toBe('common:problem.unit {"unit":"ug/kg","count":0}');
});

it("translates nothing that the server doesn't say", () => {
  const crates = join(import.meta.dirname, "../../../crates");
  const code = readdirSync(crates, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".rs"))
    .map((file) => readFileSync(join(crates, file), "utf8"))
    .join("\n");
  const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const isSaid = (english: string) =>
    new RegExp(escaped(english).replaceAll("#", "(\\d+|\\{[^}]*\\})")).test(code) ||
    code.includes(`NotFound("${english.replace(/ not found$/, "")}")`);
  expect(Object.keys(spanish).filter((english) => !isSaid(english))).toEqual([]);
});
