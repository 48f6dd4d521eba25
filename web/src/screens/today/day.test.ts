import { describe, expect, it } from "vitest";
import type { BoardAppointment } from "./board";
import { columnsOf, departmentsOf, filtered, initials, search } from "./day";
import type { Status } from "./lanes";

let id = 0;
function booked(name: string, status: Status, change: Partial<BoardAppointment> = {}): BoardAppointment {
  const [first_name = "", last_name = ""] = name.split(" ");
  id += 1;
  return {
    appointment_id: id,
    reference: `ABC01-A${id}`,
    version: 1,
    patient_id: id,
    patient: { first_name, last_name, mrn: `ABC01-P${id + 100}`, dob: "1980-01-01", sex: "female", phone: null },
    provider_user_id: 2,
    provider_name: "Gregory House",
    scheduled_start: "2026-04-14T15:00:00Z",
    scheduled_end: "2026-04-14T15:30:00Z",
    status,
    status_changed_at: "2026-04-14T14:00:00Z",
    department: null,
    ...change,
  };
}
const names = (rows: readonly BoardAppointment[]) => rows.map(({ patient }) => patient.first_name);

describe("columns", () => {
  it("hold the states in the order in which one looks at them", () => {
    const { lanes, closed } = columnsOf([
      booked("Later X", "scheduled", { scheduled_start: "2026-04-14T16:00:00Z" }),
      booked("Sooner X", "pending"),
      booked("Short X", "waiting", { status_changed_at: "2026-04-14T14:50:00Z" }),
      booked("Long X", "waiting"),
      booked("Earlier X", "completed"),
      booked("Last X", "completed", { status_changed_at: "2026-04-14T14:50:00Z" }),
      booked("Gone X", "cancelled"),
      booked("Absent X", "no_show"),
    ]);
    expect(names(lanes.expected)).toEqual(["Sooner", "Later"]);
    expect(names(lanes.waiting)).toEqual(["Long", "Short"]);
    expect(names(lanes.done)).toEqual(["Last", "Earlier"]);
    expect(lanes.in_scan).toEqual([]);
    expect(names(closed)).toEqual(["Gone", "Absent"]);
  });
});

describe("filters", () => {
  const day = [
    booked("Ana Gil", "waiting", { department: "Radiology" }),
    booked("Bo Li", "waiting", { department: "Cardiology", provider_user_id: 3 }),
    booked("Cy Oh", "waiting", { provider_user_id: 3 }),
  ];
  it("narrow by provider and department", () => {
    expect(names(filtered(day, {}))).toEqual(["Ana", "Bo", "Cy"]);
    expect(names(filtered(day, { provider: 3 }))).toEqual(["Bo", "Cy"]);
    expect(names(filtered(day, { provider: 3, department: "Cardiology" }))).toEqual(["Bo"]);
  });
  it("offer the departments of the day", () => {
    expect(departmentsOf(day, "en")).toEqual(["Cardiology", "Radiology"]);
  });
});

describe("search", () => {
  const day = [
    booked("José Núñez", "completed"),
    booked("Josefa Ruiz", "scheduled"),
    booked("Mary Smith", "scheduled", {
      patient: {
        first_name: "Mary",
        last_name: "Smith",
        mrn: "ABC01-P7",
        dob: "1990-01-01",
        sex: "female",
        phone: "(787) 555-1234",
      },
    }),
  ];
  it("finds by the beginning of a name, without accents, the expected ones first", () => {
    expect(names(search(day, "jos"))).toEqual(["Josefa", "José"]);
    expect(names(search(day, "nunez jose"))).toEqual(["José"]);
  });
  it("finds by numbers", () => {
    expect(names(search(day, "p7"))).toEqual(["Mary"]);
    expect(names(search(day, "abc01-p7"))).toEqual(["Mary"]);
    expect(names(search(day, "555 1234"))).toEqual(["Mary"]);
  });
  it("finds nothing for nothing", () => {
    expect(search(day, "  ")).toEqual([]);
    expect(search(day, "zzz")).toEqual([]);
  });
});

it("says no more than initials", () => {
  expect(initials({ first_name: "ángel", last_name: "de la Cruz" })).toBe("Á. D.");
  expect(initials({ first_name: "", last_name: "Li" })).toBe("L.");
});
