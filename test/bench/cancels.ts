import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import type { Simulator } from "../../src/simulators/kit/simulator.ts";
import type { Simulators } from "../../src/simulators/simulators.ts";
import { startPostgres } from "../support/postgres.ts";
import { type ServerProcess, startServerProcess } from "../support/process.ts";
import { built } from "./built.ts";
import { median, percentile } from "./numbers.ts";

const { startSimulators } = await built("simulators/simulators.js");
const { onrampClient } = await built("providers/onramp.js");
const { openHttpClient } = await built("providers/http/http-client.js");

export interface CancelsOptions {
  folder: string;
  /** How many orders are cancelled in each round. */
  orders: number;
  /** How many at once. */
  parallel: number;
  rounds: number;
  /** How many are cancelled one after another, each alone. */
  alone: number;
}

/** Cancels a second, each in a GraphQL request of its own, and what each cost the database. */
export interface Cancels {
  store: "SQLite" | "PostgreSQL";
  perSecond: number;
  statements: number;
  commits: number;
  /** By the same client calling the same provider with nothing around it, measured in turn. */
  barePerSecond: number;
  /** How much longer than by that client one cancel takes that is alone, ms: the middle ones, and the 99th of a hundred. */
  longerMs: { p50: number; p99: number };
}

export async function measureCancels(options: CancelsOptions): Promise<Cancels[]> {
  const simulators: Simulators = await startSimulators({});
  const postgres = await startPostgres();
  try {
    const databases = [
      ["SQLite", `file:${join(options.folder, "cancels.db")}`],
      ["PostgreSQL", await postgres.createDatabase("bench")],
    ] as const;
    const measured: Cancels[] = [];
    for (const [store, database] of databases) {
      measured.push({ store, ...(await measureStore(database, simulators, options)) });
    }
    return measured;
  } finally {
    await postgres.stop();
    await simulators.close();
  }
}

async function measureStore(
  database: string,
  simulators: Simulators,
  { orders, parallel, rounds, alone }: CancelsOptions,
) {
  const onramp = simulators.simulators.find(({ provider }) => provider === "ONRAMP");
  if (!onramp) throw new Error("no simulator");
  const settings = {
    ...simulators.settings,
    SANDBOX: "false",
    ONRAMP_CONCURRENCY: String(parallel),
    CANCEL_WAIT_MS: "60000",
  };
  const preload = fileURLToPath(new URL("count-statements.ts", import.meta.url));
  const server = await startServerProcess({ ...settings, DATABASE_URL: database }, { preload });
  const bare = openBare(onramp, parallel);
  const rates = { through: [] as number[], bare: [] as number[] };
  try {
    const before = await countsOf(server);
    for (let round = 0; round < rounds; round += 1) {
      rates.bare.push(await perSecond(newOrders(onramp, orders), parallel, bare.cancel));
      rates.through.push(await perSecond(newOrders(onramp, orders), parallel, (id) => cancel(server.url, id)));
    }
    const after = await countsOf(server);
    const longerMs = await measureAlone(newOrders(onramp, 2 * alone), bare.cancel, (id) => cancel(server.url, id));
    return {
      longerMs,
      perSecond: median(rates.through),
      barePerSecond: median(rates.bare),
      statements: (after.statements - before.statements) / (orders * rounds),
      commits: (after.commits - before.commits) / (orders * rounds),
    };
  } finally {
    await bare.close();
    await server.kill();
  }
}

/** In turn, so that both meet the same machine. */
async function measureAlone(ids: string[], bare: (id: string) => Promise<unknown>, through: typeof bare) {
  const took = { bare: [] as number[], through: [] as number[] };
  for (const [index, id] of ids.entries()) {
    const [run, list] = index % 2 === 0 ? [bare, took.bare] : [through, took.through];
    const startedAt = performance.now();
    await run(id);
    list.push(performance.now() - startedAt);
  }
  const longer = (share: number) => percentile(took.through, share) - percentile(took.bare, share);
  return { p50: longer(0.5), p99: longer(0.99) };
}

function openBare(onramp: Simulator, connections: number) {
  const options = { connections, timeoutMs: 5000, secrets: [], now: Date.now };
  const http = openHttpClient({ baseUrl: new URL(onramp.baseUrl), ...options });
  const { ONRAMP_API_KEY: apiKey, ONRAMP_API_SECRET: apiSecret } = onramp.settings;
  const client = onrampClient({ apiKey, apiSecret }, http);
  return { cancel: (id: string) => client.cancel(id), close: () => http.close() };
}

let made = 0;

function newOrders(onramp: Simulator, count: number): string[] {
  const ids = Array.from({ length: count }, () => String(20_000_000 + made++));
  for (const id of ids) onramp.add(id);
  return ids;
}

export async function perSecond(tasks: readonly string[], parallel: number, run: (task: string) => Promise<unknown>) {
  const queue = tasks.values();
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      for (const task of queue) await run(task);
    }),
  );
  return tasks.length / ((performance.now() - startedAt) / 1000);
}

async function cancel(url: string, id: string): Promise<void> {
  const query = "mutation($ids:[ID!]!){cancelOrders(provider:ONRAMP,ids:$ids){orders{cancellation{status}}}}";
  const { body } = await request(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables: { ids: [id] } }),
  });
  const text = await body.text();
  if (!text.includes('"CANCELLED"')) throw new Error(`${id} was answered with ${text.slice(0, 300)}`);
}

interface Counts {
  statements: number;
  commits: number;
}

function countsOf({ child }: ServerProcess): Promise<Counts> {
  return new Promise((resolve) => {
    child.once("message", (counts) => resolve(counts as Counts));
    child.send("counts");
  });
}
