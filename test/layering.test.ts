import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";

/** What each folder of src may import from; its own files always. Wings never see each other. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  ledger: ["domain"],
  providers: ["domain"],
  sandbox: [],
  cancellation: ["domain"],
  graphql: ["domain", "cancellation", "providers"],
  server: ["domain", "cancellation", "graphql"],
  ".": ["domain", "ledger", "providers", "sandbox", "cancellation", "graphql", "server"],
};

const src = new URL("../src/", import.meta.url).pathname;
const imports = globSync("**/*.ts", { cwd: src }).flatMap((file) =>
  [...readFileSync(join(src, file), "utf8").matchAll(/from "(\.[^"]+)"|import\("(\.[^"]+)"\)/g)].map((match) => ({
    file,
    from: dirname(file),
    to: relative(src, join(src, dirname(file), dirname(match[1] ?? match[2] ?? ""))) || ".",
  })),
);

it("imports only go down", () => {
  expect(imports.length).toBeGreaterThan(50);
  const upward = imports.filter(({ from, to }) => from !== to && !allowed[from]?.includes(to));
  expect(upward).toEqual([]);
});

it("of the providers, only the registry is known upstairs", () => {
  const graphql = globSync("{graphql,server}/*.ts", { cwd: src }).map((file) => readFileSync(join(src, file), "utf8"));
  expect(graphql.join("\n").match(/providers\/(?!registry)[\w-]+\.ts/g)).toBeNull();
});
