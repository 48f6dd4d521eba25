// Writes a `.br` and a `.gz` beside each file of dist/ that gets smaller by it, so that the server never compresses.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url).pathname;
const TEXT = new Set([".js", ".css", ".html", ".svg", ".json", ".webmanifest"]);
/** Below this a compressed file saves no packet. */
const SMALLEST = 1024;

for (const name of readdirSync(DIST, { recursive: true })) {
  const path = join(DIST, name);
  if (!statSync(path).isFile() || !TEXT.has(extname(path))) continue;
  const bytes = readFileSync(path);
  if (bytes.length < SMALLEST) continue;
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
  for (const [suffix, packed] of [
    [".br", brotliCompressSync(bytes, brotli)],
    [".gz", gzipSync(bytes, { level: 9 })],
  ]) {
    if (packed.length < bytes.length) writeFileSync(path + suffix, packed);
  }
}
