import { existsSync, globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { parseEnv } from "node:util";
import { expect, it } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { providerNames } from "../../src/providers/registry.ts";
import { firstExample, seeds } from "../../src/simulators/seeds.ts";
import { metricsTable } from "../../src/telemetry/metrics-table.ts";

const root = new URL("../../", import.meta.url);
const text = (file: string) => readFileSync(new URL(file, root), "utf8");
const pages = ["README.md", "CHANGELOG.md", ...globSync([".github/*.md", "docs/*.md"], { cwd: root })];
const sources = globSync("src/**/*.ts", { cwd: root }).map(text);
const { scripts, devDependencies } = JSON.parse(text("package.json")) as Record<string, Record<string, string>>;
/** What is set when every line of .env.example is in force. */
const example = parseEnv(text(".env.example").replace(/^#(?=[A-Z])/gm, ""));

it("the table of settings names every setting that the code reads, and no other", () => {
  const code = sources.filter((source) => source.includes("settings")).join("\n");
  const read = [...code.matchAll(/"((?:[A-Z][A-Z0-9]*_?)+)"/g)]
    .map((match) => match[1] ?? "")
    .filter((name) =>
      new RegExp(`(text|secret|flag|oneOf|integers?|url|delays|together|readProxy)\\(\\s*\\[?[^)]*"${name}"`).test(
        code,
      ),
    );
  const paused = providerNames.map((name) => `${name}_PAUSED`);
  expect(settingsInTable()).toEqual([...new Set([...read, ...paused, "NODE_ENV"])].toSorted());
});

it("the table of metrics names every metric that the code exports, and no other", () => {
  const exported = metricsTable([], []).map(({ name }) => name);
  const rows = [...text("docs/metrics.md").matchAll(/^\| `(order_cancellation_\w+)/gm)].map(([, name]) => name);
  expect(rows.toSorted()).toEqual(exported.toSorted());
});

it(".env.example names every setting of the table, and no other", () => {
  expect(Object.keys(example).toSorted()).toEqual(settingsInTable());
});

it(".env.example changes nothing as it is, and shows the defaults", () => {
  expect(parseEnv(text(".env.example"))).toEqual({});
  expect(readConfig(example)).toEqual(readConfig({}));
});

it.each(pages)("%s names no file and no folder that is not there", (page) => {
  const named = [...text(page).matchAll(/`((?:src|test|docs|schema|deploy)\/[\w./-]*\w\/?)`/g)].map(
    ([, path = ""]) => path,
  );
  expect(named.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
});

it(".node-version names the Node that the scripts bring", () => {
  expect(text(".node-version").trim()).toBe(devDependencies?.node);
});

it("the FAQ's table of problems names every code of the schema, and no other", () => {
  const [, values = ""] = text("schema/cancellations.graphql").match(/^enum CancellationProblemCode {(.*?)^}/ms) ?? [];
  const codes = [...values.matchAll(/^ {2}([A-Z_]+)$/gm)].map(([, code]) => code);
  const [, table = ""] = text("docs/faq.md").split(/They are about (?:one order|the whole request):/);
  expect([...table.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code]) => code)).toEqual(codes.toSorted());
});

it.each(globSync("examples/*.ts", { cwd: root }))("the page for frontends shows %s as it is", (file) => {
  const code = text(file).replaceAll("../schema/generated/", "./generated/");
  expect(missing([`\`\`\`ts\n${code}\`\`\``], "docs/frontend.md")).toEqual([]);
});

it("the page about sample orders names every trouble", () => {
  const endings = Object.values(seeds.FINPAY.troubled).map((id) => `| \`${id.slice(-2)}\``);
  expect(missing(endings, "docs/samples.md")).toEqual([]);
});

it("the mutation to paste names the simulators' orders", () => {
  expect(missing(firstExample.ids, "README.md")).toEqual([]);
});

it("the README stays short, and leads to every page", () => {
  const readme = text("README.md");
  expect(readme.split("\n").length).toBeLessThanOrEqual(230);
  expect(pages.filter((page) => !/README|template/.test(page) && !readme.includes(`](${page}`))).toEqual([]);
});

it.each(pages)("%s names scripts and files that exist", (page) => {
  for (const [, name = ""] of text(page).matchAll(/npm run ([a-z]+)/g))
    expect(Object.keys(scripts ?? {})).toContain(name);
  for (const [, path = ""] of text(page).matchAll(/`((?:src|test|schema|docs|deploy|examples)\/[^`<…*]*)`/g)) {
    expect(globSync(path, { cwd: root }), path).not.toEqual([]);
  }
});

it.each(pages)("%s links to files and headings that exist", (page) => {
  const links = [...text(page).matchAll(/\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)/g)];
  const broken = links.filter(([, path = "", heading = ""]) => {
    const target = path === "" ? page : posix.join(posix.dirname(page), path);
    return !existsSync(new URL(target, root)) || (heading !== "" && !anchorsIn(target).includes(heading));
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

/** Which of these texts the page does not hold. A failure so prints what is missing, and not the page. */
function missing(texts: readonly string[], page: string): string[] {
  const held = text(page);
  return texts.filter((each) => !held.includes(each));
}

/** What stands in the first column of the table of settings, in alphabetical order. */
function settingsInTable(): string[] {
  const rows = text("docs/settings.md")
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  return rows.flatMap((row) => row.split("|")[1]?.match(/[A-Z][A-Z0-9_]+/g) ?? []).toSorted();
}

/** As GitHub makes them of headings. */
function anchorsIn(file: string): string[] {
  const headings = [...text(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
}
