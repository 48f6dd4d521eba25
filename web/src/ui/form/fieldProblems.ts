/** What the server says of the fields of a form, by the form's own names for them. */
import type { TFunction } from "i18next";
import { ApiProblem } from "@/api/problem";
import { sentence } from "../problemText";

export function fieldProblems(
  error: unknown,
  fieldOf: (apiField: string) => string,
  t: TFunction,
): readonly (readonly [field: string, message: string])[] {
  const fields = error instanceof ApiProblem ? Object.entries(error.fields) : [];
  return fields.map(([field, message]) => [fieldOf(field), sentence(message, t)]);
}
