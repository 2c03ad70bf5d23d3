import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, it } from "vitest";

const src = new URL("../../src/", import.meta.url).pathname;

it("no file imports itself by way of others, types included", () => {
  const imports = new Map(globSync("**/*.{ts,tsx}", { cwd: src }).map((file) => [file, importsOf(file)]));
  expect(imports.size).toBeGreaterThan(100);
  expect([...imports.keys()].filter((file) => reachable(imports, file).has(file))).toEqual([]);
});

function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), "utf8");
  return [...text.matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)].map(([, to = ""]) => normalize(join(dirname(file), to)));
}

/** The files that a file imports, and those that these import. */
function reachable(imports: ReadonlyMap<string, readonly string[]>, file: string): Set<string> {
  const found = new Set(imports.get(file));
  for (const each of found) for (const next of imports.get(each) ?? []) found.add(next);
  return found;
}
