import { existsSync, globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, it } from "vitest";
import { providers } from "../../src/providers/registry.ts";
import { rulesOf } from "../../src/simulators/registry.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const settingsLines = read("docs/settings.md").split("\n");
const example = read(".env.example");
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
  const fixture = `test/fixtures/${file}.json`;
  const files = [`src/providers/${file}.ts`, `src/simulators/${file}.ts`, fixture];
  return [
    ...files.filter((path) => !existsSync(new URL(path, root))),
    ...missingFixtures(fixture),
    ...(name in providers ? missingSettings(name) : ["its line in src/providers/registry.ts"]),
    ...(name in rulesOf ? [] : ["its line in src/simulators/registry.ts"]),
    ...(sdl.includes(`\n  ${name}\n`) ? [] : ["what npm run schema && npm run codegen writes"]),
  ];
}

function missingFixtures(path: string): string[] {
  if (!existsSync(new URL(path, root))) return [];
  const fixture: Record<string, unknown> = JSON.parse(read(path));
  return ["cases", "wordings", "endings"].filter((part) => !(part in fixture)).map((part) => `${part} in ${path}`);
}

function missingSettings(name: string): string[] {
  const settings = settingsOf(name);
  return [
    ...settings.filter((setting) => !isInTable(setting)).map((setting) => `a row for ${setting} in docs/settings.md`),
    ...settings.filter((setting) => !example.includes(`#${setting}=`)).map((setting) => `${setting} in .env.example`),
  ];
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
