import { defineConfig } from "vitest/config";

export default defineConfig({
  // Two copies of graphql (its CommonJS and its ESM build) refuse each other's schemas.
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  test: {
    include: ["test/**/*.test.ts"],
    server: { deps: { inline: [/type-graphql/, /@apollo\/subgraph/, /@graphql-tools/, /graphql-scalars/] } },
    // Tests wait more than they work; on two cores one worker, the default there, takes twice as long.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
