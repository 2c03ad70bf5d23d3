import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";

/** What each folder of src may import from; its own files always. Wings never see each other. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  util: [],
  ledger: ["domain", "util"],
  egress: ["domain", "util"],
  providers: ["domain", "util", "egress"],
  webhook: ["domain", "util", "egress"],
  simulators: [],
  // Runs in browsers: nothing of the service is there.
  browser: [],
  telemetry: ["domain", "util", "egress"],
  cancellation: ["domain", "util", "telemetry"],
  cancellability: ["domain", "util", "cancellation"],
  api: ["domain", "util", "cancellation", "cancellability", "providers"],
  http: ["domain", "util", "egress", "telemetry", "cancellation", "api"],
  config: ["domain", "egress", "providers", "webhook", "simulators", "cancellation"],
  ".": [
    "config",
    "domain",
    "util",
    "egress",
    "ledger",
    "providers",
    "webhook",
    "simulators",
    "cancellation",
    "cancellability",
    "telemetry",
    "api",
    "http",
  ],
};

const src = new URL("../../src/", import.meta.url).pathname;
const imports = globSync("**/*.{ts,tsx}", { cwd: src }).flatMap((file) =>
  [...readFileSync(join(src, file), "utf8").matchAll(/from "(\.[^"]+)"|import\("(\.[^"]+)"\)/g)].map((match) => ({
    file,
    from: floorOf(file),
    to: floorOf(relative(src, join(src, dirname(file), match[1] ?? match[2] ?? ""))),
  })),
);

/** The folder of src that a file belongs to, however deep it lies. */
function floorOf(file: string): string {
  const [top = "", ...rest] = file.split("/");
  return rest.length > 0 ? top : ".";
}

it("imports only go down", () => {
  expect(imports.length).toBeGreaterThan(50);
  const upward = imports.filter(({ from, to }) => from !== to && !allowed[from]?.includes(to));
  expect(upward).toEqual([]);
});

it("api and http import only the registry of the providers", () => {
  const upper = globSync("{api,http}/**/*.ts", { cwd: src }).map((file) => readFileSync(join(src, file), "utf8"));
  expect(upper.join("\n").match(/providers\/(?!registry)[\w-]+\.ts/g)).toBeNull();
});

/** Files that list things: a reader looks one up, and does not read them from top to bottom. */
const lists = ["api/types.ts", "domain/ledger.ts", "ledger/migrations.ts", "telemetry/metrics-table.ts"];

it("no file has more than 240 lines, lists aside, and no folder more than 14 files", () => {
  const files = globSync("**/*.{ts,tsx}", { cwd: src }).filter((file) => !file.includes("/generated/"));
  const linesOf = (file: string) => readFileSync(join(src, file), "utf8").split("\n").length - 1;
  expect(files.filter((file) => linesOf(file) > 240 && !lists.includes(file))).toEqual([]);
  const sizes = Map.groupBy(files, (file) => dirname(file));
  expect([...sizes].filter(([, found]) => found.length > 14).map(([folder]) => folder)).toEqual([]);
});
