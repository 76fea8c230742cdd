import { defineConfig } from "vitest/config";

// One browser, one story: in order, with the patience that a busy two-core machine needs.
export default defineConfig({
  test: {
    include: ["e2e/**/*.e2e.ts"],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    bail: 1,
    fileParallelism: false,
  },
});
