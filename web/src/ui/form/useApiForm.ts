/**
 * Forms over the API: what is typed stays through errors, a lost connection and an ended session; the server's complaints stand at
 * their fields; the first one that is wrong gets the focus.
 */
import { type FormErrors, type UseFormInput, type UseFormReturnType, useForm } from "@mantine/form";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldProblems } from "./fieldProblems";

type Values = Record<string, unknown>;

interface ApiFormInput<T extends Values> extends Omit<UseFormInput<T>, "onSubmitPreventDefault"> {
  /** Sends the values. What it throws is shown at the form. */
  submit: (values: T) => Promise<unknown>;
  /** The form's name for a field of the API, where it is another. */
  fieldOf?: (apiField: string) => string;
}

export interface ApiForm<T extends Values> {
  form: UseFormReturnType<T>;
  /** For `<form onSubmit>`. */
  onSubmit: (event?: React.FormEvent<HTMLFormElement>) => void;
  busy: boolean;
  /** What is wrong with the whole, and not with one field. */
  problem: unknown;
  setProblem: (problem: unknown) => void;
}

export function useApiForm<T extends Values>({
  submit,
  fieldOf = (field) => field,
  ...input
}: ApiFormInput<T>): ApiForm<T> {
  const { t } = useTranslation("common");
  const form = useForm<T>({ mode: "controlled", validateInputOnBlur: false, ...input });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);

  const refuse = useCallback(
    (error: unknown) => {
      const fields = fieldProblems(error, fieldOf, t);
      const known = fields.filter(([field]) => isField(form, field));
      if (known.length > 0) {
        form.setErrors(Object.fromEntries(known) as FormErrors);
        focusField(form, known[0]?.[0]);
      }
      // What no field can show must not be lost.
      if (known.length < fields.length || known.length === 0) setProblem(error);
    },
    [form, fieldOf, t],
  );

  const send = async (values: T) => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await submit(values);
    } catch (error) {
      refuse(error);
    } finally {
      setBusy(false);
    }
  };

  const onSubmit = form.onSubmit(
    (values) => void send(values),
    (errors) => focusField(form, Object.keys(errors)[0]),
  );
  return { form, onSubmit, busy, problem, setProblem };
}

function isField<T extends Values>(form: UseFormReturnType<T>, field: string): boolean {
  return field.split(".", 1)[0] !== undefined && (field.split(".", 1)[0] as string) in form.getValues();
}

function focusField<T extends Values>(form: UseFormReturnType<T>, field: string | undefined): void {
  if (field !== undefined) requestAnimationFrame(() => form.getInputNode(field)?.focus());
}
