import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runChaos } from "./chaos.ts";

/**
 * `npm run chaos -- --rounds N --instances K [--store sqlite|postgres] [--seed S]`: kills instances under load with faulty
 * providers and prints what was lost, falsely said or left over. Exit code 1 where anything was.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "10" },
    instances: { type: "string", default: "1" },
    store: { type: "string" },
    seed: { type: "string", default: "1" },
  },
});
const instances = Number(values.instances);
const store = values.store ?? (instances > 1 ? "postgres" : "sqlite");

const { startSandbox } = await import(new URL("../../dist/sandbox/sandbox.js", import.meta.url).href);
const database = store === "postgres" ? await startDatabase() : sqliteFile();
try {
  const options = { rounds: Number(values.rounds), instances, databaseUrl: database.url, seed: Number(values.seed) };
  const startedAt = performance.now();
  const report = await runChaos(startSandbox, options);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(JSON.stringify({ store, instances, rounds: options.rounds, seconds, ...report }, null, 2));
  const { lost, falseCancelled, falseRejected, limitViolations, unfinished } = report;
  if (lost + falseCancelled + falseRejected + limitViolations + unfinished > 0) process.exitCode = 1;
} finally {
  await database.close();
}

function sqliteFile() {
  const folder = mkdtempSync(join(tmpdir(), "chaos-"));
  return {
    url: `file:${join(folder, "cancellations.db")}`,
    close: async () => rmSync(folder, { recursive: true }),
  };
}

async function startDatabase() {
  const { startPostgres } = await import("../support/postgres.ts");
  const postgres = await startPostgres();
  return { url: await postgres.createDatabase("chaos"), close: () => postgres.stop() };
}
