import { defineConfig } from "vitest/config";

export default defineConfig({
  // Two copies of graphql (its CommonJS and its ESM build) refuse each other's schemas.
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  test: {
    include: ["test/**/*.test.ts"],
    server: { deps: { inline: [/type-graphql/, /@apollo\/subgraph/, /@graphql-tools/, /graphql-scalars/] } },
    // Tests wait more than they work; on two cores one worker, the default there, takes twice as long.
    maxWorkers: 3,
    // Tests wait for conditions. These only end what hangs, also on a machine that is ten times slower.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
