import { defineConfig } from "vitest/config";

/** Tests run from the sources: the `source` export condition of every package comes first, so no build is needed. */
const conditions = ["source", "node", "import", "module", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "bench/src/**/*.test.ts"],
    exclude: process.env.ATELIER_SLOW ? [] : ["**/*.slow.test.ts"],
    globalSetup: "./vitest.global-setup.ts",
    pool: "forks",
    // Two cores: two workers keep both busy, and a suite that measures memory or kills processes asks for its own process.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
