import { defineConfig } from "vitest/config";

/** For all tests. `test/mutation/vitest.config.ts` takes some of them. */
export const common = {
  // Two copies of graphql (its CommonJS and its ESM build) refuse each other's schemas.
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  test: {
    server: { deps: { inline: [/type-graphql/, /@apollo\/subgraph/, /@graphql-tools/, /graphql-scalars/] } },
    // Tests wait for conditions. These only end what hangs, also on a machine that is ten times slower.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
};

/** One PostgreSQL for the run. */
export const globalSetup = "test/support/global-setup.ts";

/** They replace a module, or the tracer, which lasts as long as the process. */
const replacing = [
  ...["test/api/gateway.test.ts", "test/util/backoff.test.ts"],
  ...["test/cancellation/batch-traces.test.ts", "test/telemetry/span.test.ts"],
];

export default defineConfig({
  test: {
    globalSetup,
    // Tests wait more than they work; on two cores one worker, the default there, takes twice as long.
    maxWorkers: 3,
    projects: [
      {
        ...common,
        // Loading the modules anew for each file takes longer than most tests.
        test: {
          ...common.test,
          name: "together",
          include: ["test/**/*.test.ts"],
          exclude: [...replacing, "test/app/**"],
          isolate: false,
        },
      },
      { ...common, test: { ...common.test, name: "apart", include: [...replacing, "test/app/**/*.test.ts"] } },
    ],
  },
});
