import { expect, it } from "vitest";
import { identifier } from "./identifier";

it("tells addresses, phone numbers and user names apart", () => {
  expect(identifier(" ada@clinic.example ")).toEqual({ email: "ada@clinic.example" });
  expect(identifier("+1 (555) 010-2030")).toEqual({ phone: "+1 (555) 010-2030" });
  expect(identifier("ada")).toEqual({ username: "ada" });
  expect(identifier("2030")).toEqual({ username: "2030" });
});
