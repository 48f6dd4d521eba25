/** Money as the API has it: decimal text and a currency. Never a float: sums are of minor units, as `bigint`. */

export interface Money {
  amount: string;
  currency: string;
}

/** Digits after the point: 2 for USD, 0 for JPY, 3 for KWD. */
export function fractionDigits(currency: string): number {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

export function toMinor(amount: string, currency: string): bigint {
  const digits = fractionDigits(currency);
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount);
  if (!match || (match[3]?.length ?? 0) > digits) throw new RangeError(`not an amount of ${currency}: ${amount}`);
  const [, sign, whole, fraction = ""] = match;
  return BigInt(`${sign}${whole}${fraction.padEnd(digits, "0")}`);
}

export function fromMinor(minor: bigint, currency: string): string {
  const digits = fractionDigits(currency);
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, "0");
  const sign = minor < 0n ? "-" : "";
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

export function sum(amounts: readonly string[], currency: string): string {
  return fromMinor(
    amounts.reduce((total, amount) => total + toMinor(amount, currency), 0n),
    currency,
  );
}

/** `$125.00`, `125,00 €`. */
export function formatMoney(amount: string, currency: string, language: string): string {
  // The text is formatted as it is, digit by digit; TypeScript's own types only know numbers here.
  return new Intl.NumberFormat(language, { style: "currency", currency }).format(amount as unknown as number);
}

/**
 * What somebody typed, as the API wants it; none when it is no amount. The last point or comma is the decimal one where at most the
 * currency's digits follow it; any other separates thousands.
 */
export function parseMoney(typed: string, currency: string): string | null {
  const digits = fractionDigits(currency);
  const bare = typed.replace(/[^\d.,-]/g, "");
  const match = /^(-?)([\d.,]*?)(?:[.,](\d*))?$/.exec(bare);
  if (!match || !/\d/.test(bare)) return null;
  const [, sign = "", head = "", tail = ""] = match;
  const isFraction = tail.length <= digits;
  const whole = (isFraction ? head : head + tail).replace(/[.,]/g, "") || "0";
  const fraction = isFraction ? tail : "";
  return fromMinor(BigInt(`${sign}${whole}${fraction.padEnd(digits, "0")}`), currency);
}
