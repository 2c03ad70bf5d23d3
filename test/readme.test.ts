import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readSettings } from "../src/domain/settings.ts";
import { providerNames, providers } from "../src/providers/registry.ts";
import { firstLook } from "../src/simulators/simulators.ts";

const root = new URL("../", import.meta.url);
const readme = readFileSync(new URL("README.md", root), "utf8");
const sources = globSync("src/**/*.ts", { cwd: root }).map((file) => readFileSync(new URL(file, root), "utf8"));

it("the table of providers is what the code says", () => {
  const rows = providerNames.map((name) => {
    const { cancellableWhen, statusLookup, documentationUrl, configure } = providers[name];
    const { maxBatchSize, minIntervalMs, testHosts } = configure(readSettings({}));
    const interval = minIntervalMs === null ? "none stated" : `${minIntervalMs} ms`;
    const hosts = testHosts.map((host) => `\`${host}\``).join(", ") || "none";
    const cells = [`\`${name}\``, cancellableWhen, maxBatchSize, interval, statusLookup ? "yes" : "no", hosts];
    return `| ${cells.join(" | ")} | [docs](${documentationUrl}) |`;
  });
  for (const row of rows) expect(readme).toContain(row);
});

it("the table of settings names every setting that the code reads, and no other", () => {
  const table = readme.slice(readme.indexOf("## Settings"), readme.indexOf("## How it works"));
  const named = table
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .flatMap((line) => line.split("|")[1]?.match(/[A-Z][A-Z0-9_]+/g) ?? []);
  const code = sources.filter((text) => text.includes("settings")).join("\n");
  const read = [...code.matchAll(/"((?:[A-Z][A-Z0-9]*_?)+)"/g)]
    .map((match) => match[1] ?? "")
    .filter((name) =>
      new RegExp(`(text|secret|flag|oneOf|integers?|url|delays|together)\\(\\s*\\[?[^)]*"${name}"`).test(code),
    );
  const paused = providerNames.map((name) => `${name}_PAUSED`);
  expect(named.toSorted()).toEqual([...new Set([...read, ...paused, "NODE_ENV"])].toSorted());
});

it("the mutation to paste names the seeded orders, and the scripts exist", () => {
  for (const id of Object.values(firstLook.TRONSAVE)) expect(readme).toContain(id);
  const { scripts } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as { scripts: object };
  for (const [, name = ""] of readme.matchAll(/npm run ([a-z]+)/g)) expect(Object.keys(scripts)).toContain(name);
});

it("every provider has a simulator", () => {
  expect(Object.keys(firstLook).toSorted()).toEqual(providerNames.toSorted());
});
