// What can be judged without running anything: the generated client is fresh, the types fit, the style holds.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "clinichub-web-"));
const fresh = join(folder, "schema.d.ts");
const steps = [
  [
    "API client",
    () =>
      run("openapi-typescript", ["../openapi.json", "--default-non-nullable=false", "--output", fresh]) &&
      isSame(fresh, "src/api/schema.d.ts"),
  ],
  ["types", () => run("tsc", [])],
  ["lint and format", () => run("biome", ["check", "--error-on-warnings", "."])],
];

/** Runs a program of node_modules. */
function run(program, args) {
  const ended = spawnSync(join("node_modules/.bin", program), args, { encoding: "utf8" });
  if (ended.status !== 0) process.stderr.write(`${ended.stdout}${ended.stderr}${ended.error ?? ""}`);
  return ended.status === 0;
}

function isSame(one, other) {
  if (readFileSync(one, "utf8") === readFileSync(other, "utf8")) return true;
  process.stderr.write(`${other} is out of date: npm run gen, and commit\n`);
  return false;
}

const failed = steps.filter(([name, work]) => {
  const isFine = work();
  console.log(`${isFine ? "ok    " : "FAILED"} ${name}`);
  return !isFine;
});
rmSync(folder, { recursive: true });
process.exit(failed.length === 0 ? 0 : 1);
