/** Search parameters of an address, read with mistrust: what doesn't fit is left out, never an error. */

export type RawSearch = Record<string, unknown>;

export const text = (value: unknown): string | undefined => {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
};

export const integer = (value: unknown): number | undefined => {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
};

export const flag = (value: unknown): true | undefined =>
  value === true || value === "true" || value === 1 ? true : undefined;

export const oneOf = <T extends string>(value: unknown, allowed: readonly T[]): T | undefined =>
  allowed.find((one) => one === value);

export const day = (value: unknown): string | undefined =>
  typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined;

/** A path of this app to go on to; never another site. */
export const path = (value: unknown): string | undefined =>
  typeof value === "string" && value.startsWith("/") && !/^\/[/\\]/.test(value) ? value : undefined;

type Optional<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** What was found, without what wasn't. */
export const params = <T extends object>(values: T): Optional<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Optional<T>;
