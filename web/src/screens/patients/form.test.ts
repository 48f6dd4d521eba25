import { expect, it } from "vitest";
import { changedBody, EMPTY, isSearchable, newBody, type Values } from "./form";

const john: Values = {
  ...EMPTY,
  first_name: "John",
  last_name: "Doe",
  dob: "1990-05-10",
  sex: "male",
  mrn: "ABC01-P1",
};

it("sends what was filled in", () => {
  expect(newBody({ ...EMPTY, first_name: " John ", last_name: "Doe", dob: "1990-05-10", sex: "male" })).toEqual({
    first_name: "John",
    last_name: "Doe",
    dob: "1990-05-10",
    sex: "male",
  });
});

it("sends what changed, and clears what was emptied", () => {
  expect(changedBody({ ...john, phone: "787 123" }, { ...john, phone: "", address: "1 Main St" })).toEqual({
    phone: null,
    address: "1 Main St",
  });
  expect(changedBody(john, { ...john, first_name: "John " })).toEqual({});
  expect(changedBody(john, { ...john, last_name: "" })).toEqual({ last_name: "" });
});

it("looks for the same person once there is enough to tell", () => {
  expect(isSearchable(EMPTY)).toBe(false);
  expect(isSearchable({ ...EMPTY, first_name: "John", last_name: "Doe" })).toBe(false);
  expect(isSearchable(john)).toBe(true);
  expect(isSearchable({ ...EMPTY, phone: "(787) 123-4567" })).toBe(true);
  expect(isSearchable({ ...EMPTY, email: "a@b.co" })).toBe(true);
});
