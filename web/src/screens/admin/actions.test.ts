import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import texts from "./en.json";

/** What a machine asks and no person does. */
const MACHINES = ["get_health", "get_metrics", "get_readiness"];

it("the audit log has words for every operation", () => {
  const { paths } = JSON.parse(readFileSync(join(import.meta.dirname, "../../../../openapi.json"), "utf8")) as {
    paths: Record<string, Record<string, { operationId?: string }>>;
  };
  const operations = Object.values(paths)
    .flatMap((path) => Object.values(path).flatMap(({ operationId }) => operationId ?? []))
    .map((name) => name.replace(/(_patch|_alias)+$/, ""));
  const wordless = operations.filter((name) => !(name in texts.action) && !MACHINES.includes(name));
  expect(
    wordless,
    "you added an endpoint: say in words what it does under `action` in admin/en.json and es.json",
  ).toEqual([]);
});
