/** Both languages say everything, with the same placeholders, and every key that the code names exists. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { pseudo } from "./pseudo";

const SRC = join(import.meta.dirname, "..");
const PLURAL = /_(zero|one|two|few|many|other)$/;

type Texts = { [key: string]: string | Texts };

const read = (path: string): Texts => JSON.parse(readFileSync(join(SRC, path), "utf8"));

function flat(texts: Texts, prefix = ""): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([key, text]) =>
      typeof text === "string" ? [[prefix + key, text]] : Object.entries(flat(text, `${prefix + key}.`)),
    ),
  );
}

/** The folders that have texts: every screen, and some of what several screens are made of. */
const folders = ["screens", "ui"].flatMap((place) =>
  readdirSync(join(SRC, place), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ place, name }))
    .filter(({ name }) => place === "screens" || existsSync(join(SRC, place, name, "en.json"))),
);
const namespaces = [
  { name: "common", en: "i18n/common.en.json", es: "i18n/common.es.json" },
  ...folders.map(({ place, name }) => ({ name, en: `${place}/${name}/en.json`, es: `${place}/${name}/es.json` })),
];

const placeholders = (text: string) =>
  [...text.matchAll(/\{\{\s*(\w+)|<\/?(\w+)>/g)].map(([, name, tag]) => name ?? tag).sort();

describe.each(namespaces)("the texts of $name", ({ en, es }) => {
  const english = flat(read(en));
  const spanish = flat(read(es));
  /** Spanish has a plural form more (`_many`, for millions), which the other one covers. */
  const stem = (keys: string[]) => [...new Set(keys.map((key) => key.replace(PLURAL, "")))].sort();

  it("are the same in both languages", () => {
    expect(stem(Object.keys(spanish))).toEqual(stem(Object.keys(english)));
  });

  it("are not empty and name the same placeholders", () => {
    for (const [key, text] of Object.entries(english)) {
      expect(text.trim(), key).not.toBe("");
      const other = spanish[key];
      if (other === undefined) continue;
      expect(other.trim(), key).not.toBe("");
      if (!PLURAL.test(key)) expect(placeholders(other), key).toEqual(placeholders(text));
    }
  });
});

interface Use {
  file: string;
  namespace: string;
  key: string;
  isPrefix: boolean;
}

/** Keys as the code writes them: `t("key")`, `t("common:key")`, `i18nKey="key"`, and the fixed start of t(`key.${…}`). */
function uses(file: string): Use[] {
  const code = readFileSync(join(SRC, file), "utf8");
  const [, place, folder] = /^(screens|ui)\/([^/]+)\//.exec(file) ?? [];
  const own = folders.find((one) => one.place === place && one.name === folder)?.name ?? "common";
  const found = [...code.matchAll(/(?:\bt\(\s*|i18nKey=\{?)(["'`])([^"'`]*?)(\$\{|\1)/g)];
  return found.map(([, , text = "", end]) => {
    const [namespace, key] = text.includes(":") ? (text.split(":", 2) as [string, string]) : [own, text];
    return { file, namespace, key, isPrefix: end === "${" };
  });
}

const code = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter(
  (file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file) && basename(dirname(file)) !== "api",
);

describe("the code", () => {
  const known = new Map(namespaces.map(({ name, en }) => [name, Object.keys(flat(read(en)))]));

  it("uses only keys that exist", () => {
    const missing = code.flatMap(uses).filter(({ namespace, key, isPrefix }) => {
      const keys = known.get(namespace) ?? [];
      const isThere = (one: string) =>
        isPrefix ? one.startsWith(key) : one === key || one.replace(PLURAL, "") === key;
      return key !== "" && !keys.some(isThere);
    });
    expect(missing).toEqual([]);
  });
});

describe("the pseudo language", () => {
  it("keeps placeholders and tags", () => {
    expect(pseudo({ a: { b: "Hi {{name}}, <b>you</b>" } })).toEqual({ a: { b: "⟦Hí {{name}}, <b>yöü</b>········⟧" } });
  });
});
