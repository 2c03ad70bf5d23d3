import { globSync } from "node:fs";
import { basename } from "node:path";
import { Stryker } from "@stryker-mutator/core";

/**
 * `npm run mutation [-- cancellation|ledger|egress|providers|<file>…]`: changes the code in small ways, one at a time, and lists
 * the changes that no test notices. A file is held against the tests of its own name, if there are any, and otherwise
 * against those of the innermost folder that is listed here. All of it takes hours, a file minutes. Not part of `npm test`. Survivors are printed, and
 * written to `reports/mutation/`.
 */
const testsOfFolder: Readonly<Record<string, readonly string[]>> = {
  "cancellation/decide": ["decide", "transitions"],
  cancellation: ["cancellations"],
  ledger: ["ledger", "ledger-checks", "ledger-clocks", "ledger-cluster", "ledger-model", "ledger-opening"],
  egress: ["tunnel", "proxied-service"],
  providers: ["providers", "busy-sign", "tronsave-answers", "config"],
};

const wanted = process.argv.slice(2);
for (const [folder, tests] of Object.entries(testsOfFolder)) {
  const files = globSync(`src/${folder}/**/*.ts`).filter(
    (file) =>
      folderOf(file) === folder && (wanted.length === 0 || wanted.includes(topOf(file)) || wanted.includes(file)),
  );
  const byTests = Map.groupBy(files, (file) => ownTest(file) ?? tests.map(testFile).join(","));
  for (const [testFiles, ofThese] of byTests) await mutate(folder, ofThese, testFiles.split(","));
}

/** The innermost folder that has tests of its own here. */
function folderOf(file: string): string | undefined {
  return Object.keys(testsOfFolder).find((folder) => file.startsWith(`src/${folder}/`));
}

function topOf(file: string): string {
  return file.split("/")[1] ?? "";
}

/** Only in the folder of the same name: files of two folders may have the same name. */
function ownTest(file: string): string | undefined {
  return globSync(`test/${topOf(file)}/**/${basename(file, ".ts")}.test.ts`)[0];
}

async function mutate(folder: string, files: string[], testFiles: string[]): Promise<void> {
  // The vitest runner passes the test files on for the first run only; for the mutants the configuration limits them.
  process.env.MUTATION_TESTS = testFiles.join(",");
  const stryker = new Stryker({
    mutate: files,
    testFiles,
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner"],
    // Tests set clocks and environment variables, which belong to a process.
    vitest: { configFile: "test/mutation/vitest.config.ts", pool: "forks", related: false },
    coverageAnalysis: "perTest",
    // A name of no file: TypeScript 7 has no JavaScript API with which Stryker could rewrite ours.
    tsconfigFile: "none.json",
    // Two cores, and most tests wait more than they work.
    concurrency: 3,
    // A mutant that loops is given up after this time beyond what its tests take; a busy machine needs some.
    timeoutMS: 20_000,
    dryRunTimeoutMinutes: 10,
    reporters: ["progress-append-only", "clear-text", "json"],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    // A second run tries again only what has changed since, in the code or in its tests.
    incremental: true,
    incrementalFile: `reports/mutation/${folder.replace("/", "-")}-incremental.json`,
    jsonReporter: {
      fileName: `reports/mutation/${folder.replace("/", "-")}-${basename(testFiles[0] ?? "", ".test.ts")}.json`,
    },
    ignorePatterns: ["data", "dist", "reports"],
    allowConsoleColors: false,
  });
  // A second run in the same process tells the results of the first again.
  const results = (await stryker.runMutationTest()).filter(({ fileName }) =>
    files.some((file) => fileName.endsWith(file)),
  );
  const survivors = results.filter(({ status }) => status === "Survived" || status === "NoCoverage");
  const tried = results.filter(({ status }) => status !== "Ignored" && !status.endsWith("Error"));
  console.log(`${files.join(" ")}: ${tried.length - survivors.length} of ${tried.length} mutants were noticed`);
}

/** Throws if a test was renamed: a folder without its tests would seem to have none. */
function testFile(name: string): string {
  const [file] = globSync(`test/**/${name}.test.ts`);
  if (!file) throw new Error(`test/mutation/run.ts names the test ${name}, which is not there`);
  return file;
}
