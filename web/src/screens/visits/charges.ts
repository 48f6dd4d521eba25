/** What the services of a visit come to. */
import { fromMinor, toMinor } from "@/lib/money";
import type { Visit } from "@/ui/clinical/types";

export type Procedure = Visit["procedures"][number];

/** A line's price times its units. */
export function lineTotal({
  unit_price,
  units,
  currency,
}: Pick<Procedure, "unit_price" | "units" | "currency">): string {
  return fromMinor(toMinor(unit_price, currency) * BigInt(units), currency);
}

/** The sum of all lines; they are of one currency, the clinic's. None where there is no line. */
export function total(procedures: readonly Procedure[]): { amount: string; currency: string } | null {
  const [first] = procedures;
  if (!first) return null;
  const minor = procedures.reduce((sum, line) => sum + toMinor(lineTotal(line), line.currency), 0n);
  return { amount: fromMinor(minor, first.currency), currency: first.currency };
}

/** Modifiers as they are typed: with commas or blanks between, in any case. */
export const modifiersOf = (typed: string): string[] => [
  ...new Set(
    typed
      .toUpperCase()
      .split(/[\s,;]+/)
      .filter(Boolean),
  ),
];

/** At most four, of two letters or digits each. */
export const areModifiers = (modifiers: readonly string[]): boolean =>
  modifiers.length <= 4 && modifiers.every((one) => /^[A-Z0-9]{2}$/.test(one));
