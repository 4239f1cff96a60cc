import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@tunesmith/source", "node", "import", "default"] },
  ssr: { resolve: { conditions: ["@tunesmith/source", "node", "import", "default"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "examples/**/*.test.ts"],
    setupFiles: ["scripts/property-seed.mjs"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most of the time is waiting for processes, so two workers serve a machine of two cores well.
    maxWorkers: 2,
  },
});
