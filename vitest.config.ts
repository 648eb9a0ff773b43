import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

/** What paper/ and web/ see of src, without a build. */
const alias = [
  { find: /^pudnet\/(.*)$/, replacement: resolve(import.meta.dirname, "src/exports/$1.ts") },
  { find: /^pudnet$/, replacement: resolve(import.meta.dirname, "src/browser.ts") },
];

export default defineConfig({
  resolve: { alias },
  test: {
    // Vitest leaves a core to itself, which of two would leave one; end-to-end tests wait more than they compute.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ["default", "./scripts/closing-line.mjs"],
    // only what hangs takes so long, on a machine with much else to do, too
    testTimeout: 300_000,
    hookTimeout: 300_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "paper/**/*.test.ts", "web/**/*.test.{ts,tsx}", "test/**/*.test.ts"],
          exclude: ["test/e2e/**"],
        },
      },
      {
        // The built command line as a user has it, on dist/ of these very sources.
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/e2e/build.ts"],
        },
      },
    ],
  },
});
