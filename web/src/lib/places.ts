/** What a browser can guess about where a clinic is, and the money that is used there. */

/** ISO 3166-1 countries and their ISO 4217 currency. Others choose the currency themselves. */
export const CURRENCY_OF: Readonly<Record<string, string>> = {
  AR: "ARS",
  AT: "EUR",
  AU: "AUD",
  BE: "EUR",
  BO: "BOB",
  BR: "BRL",
  CA: "CAD",
  CH: "CHF",
  CL: "CLP",
  CO: "COP",
  CR: "CRC",
  DE: "EUR",
  DK: "DKK",
  DO: "DOP",
  EC: "USD",
  ES: "EUR",
  FI: "EUR",
  FR: "EUR",
  GB: "GBP",
  GH: "GHS",
  GR: "EUR",
  GT: "GTQ",
  HN: "HNL",
  IE: "EUR",
  IN: "INR",
  IT: "EUR",
  KE: "KES",
  MX: "MXN",
  NG: "NGN",
  NI: "NIO",
  NL: "EUR",
  NO: "NOK",
  NZ: "NZD",
  PA: "USD",
  PE: "PEN",
  PH: "PHP",
  PK: "PKR",
  PR: "USD",
  PT: "EUR",
  PY: "PYG",
  RW: "RWF",
  SE: "SEK",
  SV: "USD",
  TZ: "TZS",
  UG: "UGX",
  US: "USD",
  UY: "UYU",
  VE: "VES",
  ZA: "ZAR",
};

/** Zones that lie in one country whose region a browser set to English or Spanish rarely says. */
const COUNTRY_OF_ZONE: Readonly<Record<string, string>> = {
  "America/Puerto_Rico": "PR",
  "America/Mexico_City": "MX",
  "America/Bogota": "CO",
  "America/Lima": "PE",
  "America/Santiago": "CL",
  "America/Caracas": "VE",
  "America/Guatemala": "GT",
  "America/Panama": "PA",
  "America/Santo_Domingo": "DO",
  "America/Toronto": "CA",
  "Europe/London": "GB",
  "Europe/Madrid": "ES",
  "Africa/Nairobi": "KE",
  "Africa/Lagos": "NG",
  "Africa/Kigali": "RW",
};

export interface Guess {
  country: string;
  currency: string;
  zone: string;
}

/** Where somebody is, from their clock and their language; a country that isn't known is left open. */
export function guess(zone: string, languages: readonly string[]): Guess {
  const regions = languages.map((tag) => new Intl.Locale(tag).region).filter((region) => region !== undefined);
  const country = COUNTRY_OF_ZONE[zone] ?? regions.find((region) => region in CURRENCY_OF) ?? "";
  return { country, currency: CURRENCY_OF[country] ?? "USD", zone };
}

/** Countries by name in a language. */
export function countries(language: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames(language, { type: "region" });
  return Object.keys(CURRENCY_OF)
    .map((value) => ({ value, label: names.of(value) ?? value }))
    .sort((a, b) => a.label.localeCompare(b.label, language));
}

export function currencies(language: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames(language, { type: "currency" });
  const codes = [...new Set(Object.values(CURRENCY_OF))].sort();
  return codes.map((value) => ({ value, label: `${value} · ${names.of(value) ?? value}` }));
}

/** Every IANA zone that the browser knows, and the one that is chosen: UTC is not among them. */
export function zones(chosen: string): string[] {
  return [...new Set([...Intl.supportedValuesOf("timeZone"), "UTC", chosen])];
}
