import { expect, it } from "vitest";
import { formatSize, previewOf } from "./size";

it("sizes are said in the unit that fits", () => {
  expect([812, 48_213, 1_500_000, 2_147_483_648].map((size) => formatSize(size, "en"))).toEqual([
    "812 byte",
    "48 kB",
    "1.5 MB",
    "2.1 GB",
  ]);
});

it("pictures and PDFs are shown in the page, and nothing else", () => {
  expect(["image/png", "application/pdf", "image/tiff", "text/html"].map(previewOf)).toEqual([
    "picture",
    "pdf",
    null,
    null,
  ]);
});
