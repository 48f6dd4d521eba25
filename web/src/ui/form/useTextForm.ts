/**
 * A form of a few text fields, for the pages before the app: what every visitor loads must weigh next to nothing. It behaves as
 * `useApiForm` does; forms of the app use that one.
 */
import { type ChangeEvent, type FormEvent, type RefCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldProblems } from "./fieldProblems";

type Values<F extends string> = Record<F, string>;

interface TextFormInput<F extends string> {
  initialValues: Values<F>;
  /** What is wrong with a field, if something is. */
  validate: Partial<Record<F, (value: string) => string | null>>;
  /** Sends the values. What it throws is shown at the form. */
  submit: (values: Values<F>) => Promise<unknown>;
  /** The form's name for a field of the API, where it is another. */
  fieldOf?: (apiField: string) => string;
}

export function useTextForm<F extends string>({
  initialValues,
  validate,
  submit,
  fieldOf = (field) => field,
}: TextFormInput<F>) {
  const { t } = useTranslation("common");
  const [values, setValues] = useState(initialValues);
  const [errors, setErrors] = useState<Partial<Values<F>>>({});
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const nodes = useRef(new Map<string, HTMLInputElement>());
  const names = Object.keys(initialValues) as F[];

  const complain = (faults: Partial<Values<F>>) => {
    setErrors(faults);
    const first = names.find((name) => faults[name] !== undefined);
    if (first) nodes.current.get(first)?.focus();
  };
  const send = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await submit(values);
    } catch (error) {
      const fields = fieldProblems(error, fieldOf, t);
      const known = fields.filter(([field]) => field in initialValues);
      complain(Object.fromEntries(known) as Partial<Values<F>>);
      // What no field can show must not be lost.
      if (known.length < fields.length || known.length === 0) setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const faults = names.flatMap((name) => {
      const fault = validate[name]?.(values[name]);
      return fault ? [[name, fault] as const] : [];
    });
    complain(Object.fromEntries(faults) as Partial<Values<F>>);
    if (faults.length === 0 && !busy) void send();
  };
  const ref =
    (name: F): RefCallback<HTMLInputElement> =>
    (node) => {
      if (node) nodes.current.set(name, node);
      else nodes.current.delete(name);
    };
  /** For an input's props. */
  const field = (name: F) => ({
    ref: ref(name),
    value: values[name],
    error: errors[name],
    onChange: (event: ChangeEvent<HTMLInputElement>) => {
      const { value } = event.currentTarget;
      setValues((before) => ({ ...before, [name]: value }));
      setErrors((before) => ({ ...before, [name]: undefined }));
    },
  });
  return { field, onSubmit, busy, problem };
}
