import { existsSync, globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, it } from "vitest";
import { readSettings } from "../../src/config/settings.ts";
import type { Provider } from "../../src/domain/provider.ts";
import { providers } from "../../src/providers/registry.ts";
import { rulesOf } from "../../src/simulators/registry.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const readmeLines = read("README.md").split("\n");
const settingsLines = read("docs/settings.md").split("\n");
const sdl = read("schema/cancellations.graphql");

/** Every provider that any part of the project knows of. */
const names = new Set([
  ...Object.keys(providers),
  ...Object.keys(rulesOf),
  ...["src/providers/*.ts", "src/simulators/*.ts", "test/fixtures/*.json"]
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .map((path) => basename(path).replace(/\..*/, "").toUpperCase())
    .filter((name) => !["REGISTRY", "SEEDS", "SIMULATORS"].includes(name)),
]);

it("every provider has all of its parts", () => {
  const missing = [...names].flatMap((name) => missingParts(name).map((part) => `${name} lacks ${part}`));
  if (missing.length > 0) expect.fail(missing.join("; "));
});

function missingParts(name: string): string[] {
  const file = name.toLowerCase();
  const provider = (providers as Record<string, Provider>)[name];
  const files = [`src/providers/${file}.ts`, `src/simulators/${file}.ts`, `test/fixtures/${file}.json`];
  return [
    ...files.filter((path) => !existsSync(new URL(path, root))),
    ...(provider ? missingRows(name, provider) : ["its line in src/providers/registry.ts"]),
    ...(name in rulesOf ? [] : ["its line in src/simulators/registry.ts"]),
  ];
}

function missingRows(name: string, provider: Provider): string[] {
  const row = tableRow(name, provider);
  const rows = readmeLines.includes(row) ? [] : [`this row in the README: ${row}`];
  if (!sdl.includes(`\n  ${name}\n`)) rows.push("its enum value in the schema (npm run schema && npm run codegen)");
  const settings = settingsOf(name).filter((setting) => !isInTable(setting));
  return [...rows, ...settings.map((setting) => `a row for ${setting} in docs/settings.md`)];
}

function tableRow(name: string, { cancellableWhen, statusLookup, documentationUrl, configure }: Provider): string {
  const { maxBatchSize, minIntervalMs, testHosts } = configure(readSettings({}));
  const interval = minIntervalMs === null ? "none stated" : `${minIntervalMs} ms`;
  const hosts = testHosts.map((host) => `\`${host}\``).join(", ") || "none";
  const cells = [`\`${name}\``, cancellableWhen, maxBatchSize, interval, statusLookup ? "yes" : "no", hosts];
  return `| ${cells.join(" | ")} | [docs](${documentationUrl}) |`;
}

/** Those that the client's file names, and the one that pauses every provider. */
function settingsOf(name: string): string[] {
  const path = `src/providers/${name.toLowerCase()}.ts`;
  if (!existsSync(new URL(path, root))) return [];
  const named = [...read(path).matchAll(/"([A-Z][A-Z0-9_]+)"/g)].map(([, setting = ""]) => setting);
  return [...new Set([...named.filter((setting) => setting.startsWith(`${name}_`)), `${name}_PAUSED`])];
}

function isInTable(setting: string): boolean {
  return settingsLines.some((line) => line.startsWith("| `") && line.split("|")[1]?.includes(`\`${setting}\``));
}
