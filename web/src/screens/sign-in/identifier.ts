/** By what somebody signs in, from how it looks. */

type Identifier = { email: string } | { phone: string } | { username: string };

export function identifier(typed: string): Identifier {
  const name = typed.trim();
  if (name.includes("@")) return { email: name };
  const isPhone = /^\+?[\d\s().-]+$/.test(name) && name.replace(/\D/g, "").length >= 6;
  return isPhone ? { phone: name } : { username: name };
}
