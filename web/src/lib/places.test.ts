import { expect, it } from "vitest";
import { countries, guess } from "./places";

it("guesses where somebody is from the clock, then from the language", () => {
  expect(guess("America/Puerto_Rico", ["en-US"])).toEqual({
    country: "PR",
    currency: "USD",
    zone: "America/Puerto_Rico",
  });
  expect(guess("America/Mexico_City", ["es"])).toMatchObject({ country: "MX", currency: "MXN" });
  expect(guess("America/New_York", ["en-US", "es"])).toMatchObject({ country: "US", currency: "USD" });
  expect(guess("Europe/Berlin", ["de-DE"])).toMatchObject({ country: "DE", currency: "EUR" });
  expect(guess("Asia/Tokyo", ["ja"])).toMatchObject({ country: "", currency: "USD" });
});

it("names countries in the language", () => {
  expect(countries("es").find(({ value }) => value === "DE")?.label).toBe("Alemania");
});
