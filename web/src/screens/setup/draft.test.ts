import { expect, it } from "vitest";
import { bodyOf, fresh, keep, kept, stepOf } from "./draft";

const draft = () => fresh("America/Puerto_Rico", ["en-US"], "Visit");

it("never keeps the password", () => {
  keep({ ...draft(), admin: { first_name: "Ada", last_name: "M", email: "a@b.c", password: "violet kettle 9" } });
  expect(kept()?.admin).toEqual({ first_name: "Ada", last_name: "M", email: "a@b.c", password: "" });
  expect(sessionStorage.getItem("clinichub.setup")).not.toContain("violet");
});

it("sends the doctor with hours, or neither", () => {
  const me = bodyOf(draft(), "t");
  expect(me?.first_doctor).toMatchObject({ is_admin: true });
  expect(me?.opening_hours).toHaveLength(10);
  const later = bodyOf({ ...draft(), doctor: { ...draft().doctor, who: "later" } }, "t");
  expect(later).not.toHaveProperty("first_doctor");
  expect(later).not.toHaveProperty("opening_hours");
});

it("leaves out services without a price, and makes the first the default", () => {
  const [visit] = draft().services;
  if (!visit) throw new Error("a first service");
  expect(bodyOf(draft(), "t")?.services).toEqual([]);
  const priced = bodyOf({ ...draft(), services: [{ ...visit, price: "95.00" }] }, "t");
  expect(priced?.services).toEqual([
    { code: "VISIT", description: "Visit", price: "95.00", duration_minutes: 30, is_default: true },
  ]);
});

it("knows where a refused field stands", () => {
  expect(
    ["clinic.code", "admin.password", "first_doctor.email", "opening_hours[0].start", "services[1].price"].map(stepOf),
  ).toEqual([0, 1, 2, 2, 3]);
});
