import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "node",
    include: ["e2e/**/*.test.ts"],
    // Each file has a server and a browser of its own; more at once only make each other slow.
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // Two cores run browsers, servers and what else the machine does: one that fails is tried again.
    retry: 1,
  },
});
