import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { allDisturbances, type Disturbance, runChaos } from "./chaos.ts";
import { type ChaosDatabase, failoverDatabase, postgresDatabase, sqliteDatabase } from "./database.ts";
import { isBroken } from "./report.ts";

/**
 * `npm run chaos -- --rounds N --instances K [--store sqlite|postgres|pooled|synchronous|asynchronous] [--seed S] [--disturb kill,clock,…]`: disturbs
 * instances under load with faulty providers and prints what was lost, falsely said, sent twice or left over. Exit code 1
 * if anything was; then the orders concerned are printed too, with all that happened to them. `--store pooled`: PostgreSQL behind PgBouncer in
 * transaction mode; `synchronous`: with a synchronous standby, and each outage is a failover; `asynchronous`: the standby may lack the
 * last commits.
 *
 * `npm run chaos -- --raw-sockets MINUTES [--seed S]`: clients that keep no rules of HTTP, WebSocket and GraphQL. The process must
 * live.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "10" },
    instances: { type: "string", default: "1" },
    store: { type: "string" },
    seed: { type: "string", default: "1" },
    disturb: { type: "string", default: allDisturbances.join(",") },
    "raw-sockets": { type: "string" },
  },
});
if (values["raw-sockets"] !== undefined) {
  const { runRawSockets } = await import("./raw-sockets.ts");
  console.log({ connections: await runRawSockets(Number(values["raw-sockets"]), Number(values.seed)) });
  process.exit();
}
const rounds = Number(values.rounds);
const instances = Number(values.instances);
const store = values.store ?? (instances > 1 ? "postgres" : "sqlite");
const disturb = values.disturb.split(",") as Disturbance[];
const unknown = disturb.filter((each) => !allDisturbances.includes(each));
if (unknown.length > 0) throw new Error(`--disturb needs some of ${allDisturbances.join(",")}; got ${unknown}`);

const { startSimulators } = await import(new URL("../../dist/simulators/simulators.js", import.meta.url).href);
const open: Record<string, () => ChaosDatabase | Promise<ChaosDatabase>> = {
  sqlite,
  postgres: () => postgres(false),
  pooled: () => postgres(true),
  synchronous: () => failoverDatabase(true),
  asynchronous: () => failoverDatabase(false),
};
const database = await open[store]?.();
if (!database) throw new Error(`--store needs one of ${Object.keys(open)}; got ${store}`);
try {
  const startedAt = performance.now();
  const onProgress = (text: string) => process.stderr.write(`${text}\n`);
  const options = { rounds, instances, database, seed: Number(values.seed), disturb, onProgress };
  const { failures, ...report } = await runChaos(startSimulators, options);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  if (isBroken(report)) {
    process.exitCode = 1;
    console.log(JSON.stringify({ failures }, null, 2));
  }
  console.log(JSON.stringify({ store, instances, rounds, seed: options.seed, seconds, ...report }, null, 2));
} finally {
  await database.close();
}

function sqlite(): ChaosDatabase {
  const folder = mkdtempSync(join(tmpdir(), "chaos-"));
  const database = sqliteDatabase(join(folder, "cancellations.db"));
  return { ...database, close: async () => rmSync(folder, { recursive: true }) };
}

async function postgres(pooled: boolean): Promise<ChaosDatabase> {
  const { startPostgres } = await import("../support/postgres.ts");
  const server = await startPostgres();
  const database = await postgresDatabase(server, "chaos", pooled);
  return {
    ...database,
    close: async () => {
      await database.close();
      await server.stop();
    },
  };
}
