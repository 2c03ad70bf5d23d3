import { defineConfig } from "vitest/config";
import { common, globalSetup } from "../../vitest.config.ts";

/** The project's own configuration, for the tests that `run.ts` chose. */
export default defineConfig({
  ...common,
  test: { ...common.test, globalSetup, include: process.env.MUTATION_TESTS?.split(",") ?? [] },
});
