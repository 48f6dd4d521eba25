/** What the wizard has been told so far. It is kept in this tab, so that a reload loses nothing; the password is not. */
import type { BodyOf } from "@/api/operations";
import { codeOf } from "@/lib/clinicCode";
import { guess } from "@/lib/places";
import { entries, PRESETS, type Week } from "@/ui/hours/hours";

export type Who = "me" | "other" | "later";

export interface Service {
  code: string;
  description: string;
  price: string;
  minutes: number;
}

export interface Draft {
  clinic: { name: string; code: string; country: string; time_zone: string; currency: string; phone: string };
  admin: { first_name: string; last_name: string; email: string; password: string };
  doctor: {
    who: Who;
    first_name: string;
    last_name: string;
    email: string;
    specialization: string;
    registration_number: string;
  };
  week: Week;
  services: Service[];
}

const KEY = "clinichub.setup";

/** Nothing typed yet; `visit` is what a visit is called in the language. */
export function fresh(zone: string, languages: readonly string[], visit: string): Draft {
  const { country, currency } = guess(zone, languages);
  return {
    clinic: { name: "", code: "", country, time_zone: zone, currency, phone: "" },
    admin: { first_name: "", last_name: "", email: "", password: "" },
    doctor: { who: "me", first_name: "", last_name: "", email: "", specialization: "", registration_number: "" },
    week: PRESETS.workdays,
    services: [{ code: "VISIT", description: visit, price: "", minutes: 30 }],
  };
}

export function keep(draft: Draft): void {
  const safe: Draft = { ...draft, admin: { ...draft.admin, password: "" } };
  sessionStorage.setItem(KEY, JSON.stringify(safe));
}

export function kept(): Draft | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}

export const forget = (): void => sessionStorage.removeItem(KEY);

const orNull = (text: string): string | null => text.trim() || null;

/** The body of the one request that makes it all. */
export function bodyOf(draft: Draft, token: string): BodyOf<"/api/setup", "post"> {
  const { clinic, admin, doctor, week, services } = draft;
  const isMe = doctor.who === "me";
  const profile = {
    specialization: orNull(doctor.specialization),
    registration_number: orNull(doctor.registration_number),
  };
  const first_doctor = isMe
    ? { is_admin: true, ...profile }
    : {
        is_admin: false,
        first_name: doctor.first_name.trim(),
        last_name: doctor.last_name.trim(),
        email: orNull(doctor.email),
        ...profile,
      };
  return {
    token,
    clinic: {
      name: clinic.name.trim(),
      code: orNull(clinic.code) ?? (codeOf(clinic.name) || null),
      country: orNull(clinic.country),
      time_zone: clinic.time_zone,
      currency: clinic.currency,
      phone: orNull(clinic.phone),
    },
    admin: {
      ...admin,
      first_name: admin.first_name.trim(),
      last_name: admin.last_name.trim(),
      email: admin.email.trim(),
    },
    ...(doctor.who === "later" ? {} : { first_doctor, opening_hours: entries(week) }),
    services: services
      .filter(({ price }) => price !== "")
      .map(({ code, description, price, minutes }, index) => ({
        code: code.trim(),
        description: description.trim(),
        price,
        duration_minutes: minutes,
        is_default: index === 0,
      })),
  } as BodyOf<"/api/setup", "post">;
}

/** The step that has the field of the API which was refused. */
export function stepOf(field: string): number {
  if (field.startsWith("admin")) return 1;
  if (field.startsWith("first_doctor") || field.startsWith("opening_hours")) return 2;
  return field.startsWith("services") ? 3 : 0;
}
