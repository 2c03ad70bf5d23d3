import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Simulator } from "../../src/simulators/kit/simulator.ts";
import { startSimulators } from "../../src/simulators/simulators.ts";
import { post } from "../support/post.ts";
import { startPostgres } from "../support/postgres.ts";
import { type ServerProcess, startServerProcess } from "../support/process.ts";
import { percentile } from "./numbers.ts";

/**
 * `npm run storm [-- --mutations 100 --ids 500 --postgres --interval 50]`: one caller asks for 50,000 orders of Tronsave at once. Prints
 * what the others notice: how long mutations take, when another caller's single order leaves, how long another provider's
 * order takes, how long the process stands still, and how much memory it needs.
 */
const { values } = parseArgs({
  options: {
    mutations: { type: "string", default: "100" },
    ids: { type: "string", default: "500" },
    /** Least time between two requests to Tronsave, ms; its own is 2000. */
    interval: { type: "string", default: "50" },
    postgres: { type: "boolean", default: false },
  },
});
const [mutations, ids, minIntervalMs] = [Number(values.mutations), Number(values.ids), Number(values.interval)];

const folder = mkdtempSync(join(tmpdir(), "storm-"));
const postgres = values.postgres ? await startPostgres() : undefined;
const simulators = await startSimulators({ minIntervalMs });
const tronsave = simulatorOf("TRONSAVE");
const onramp = simulatorOf("ONRAMP");
const server = await startServerProcess({
  ...simulators.settings,
  SANDBOX: "false",
  PORT: "0",
  DATABASE_URL: postgres ? await postgres.createDatabase("storm") : `file:${join(folder, "storm.db")}`,
});
let ended = false;
try {
  for (let order = 0; order < mutations * ids; order += 1) tronsave.add(`order-${order}`);
  const before = memoryOf(server);
  const watching = Promise.all([watchHealth(), watchReads(), watchOthers(), watchMemory()]);
  const startedAt = performance.now();
  const storm = Promise.all(
    Array.from({ length: mutations }, (_, index) =>
      timed(() =>
        cancel(
          "TRONSAVE",
          Array.from({ length: ids }, (_, id) => `order-${index * ids + id}`),
        ),
      ),
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const single = await sendSingle();
  const took = await storm;
  await allSent();
  const allMs = performance.now() - startedAt;
  ended = true;
  const [health, reads, others, memory] = await watching;
  const sends = [...tronsave.orders.values()].map(({ cancelRequests }) => cancelRequests);
  console.table({
    "mutations answered, longest, ms": Math.round(Math.max(...took)),
    "single order left with request number (1 is the next)": single,
    "another provider's order, longest, ms": Math.round(Math.max(...others)),
    "/healthz, longest, ms": Math.round(Math.max(...health)),
    "a read, 99 of 100, ms": Math.round(percentile(reads, 0.99)),
    "memory before, MB": before,
    "memory, most, MB": Math.max(...memory),
    "all sent after, s": Math.round(allMs / 1000),
    "orders sent more than once": sends.filter((count) => count > 1).length,
    "requests within the interval": tronsave.limitViolations,
  });
} finally {
  await server.kill();
  await simulators.close();
  await postgres?.stop();
  rmSync(folder, { recursive: true });
}

function simulatorOf(provider: string): Simulator {
  const found = simulators.simulators.find((each) => each.provider === provider);
  if (!found) throw new Error(`no simulator of ${provider}`);
  return found;
}

async function cancel(provider: string, orderIds: string[]): Promise<void> {
  const query =
    "mutation($provider:OrderProvider!,$ids:[ID!]!){cancelOrders(provider:$provider,ids:$ids){orders{cancellation{status}}}}";
  const { messages } = await post(server.url, { query, variables: { provider, ids: orderIds } });
  if (messages.length > 0) throw new Error(messages.join(" "));
}

/** Resolves to how many requests left until the one with this order, from the moment it was asked for. */
async function sendSingle(): Promise<number> {
  tronsave.add("single");
  const before = tronsave.received.length;
  void cancel("TRONSAVE", ["single"]);
  for (;;) {
    const index = tronsave.received.findIndex(({ orderIds }) => orderIds.includes("single"));
    if (index >= 0) return index - before + 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function allSent(): Promise<void> {
  while (
    [...tronsave.orders.values()].some(({ id, cancelRequests }) => /^order|^single/.test(id) && cancelRequests === 0)
  ) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function watchHealth(): Promise<number[]> {
  return repeat(50, () => timed(() => fetch(server.at("/healthz")).then((answer) => answer.text())));
}

function watchReads(): Promise<number[]> {
  const query = `{cancellation(provider:TRONSAVE,orderId:"order-0"){status}}`;
  return repeat(20, () => timed(() => post(server.url, { query })));
}

function watchOthers(): Promise<number[]> {
  let next = 1000;
  return repeat(500, () => {
    const id = String(next++);
    onramp.add(id);
    return timed(() => cancel("ONRAMP", [id]));
  });
}

function watchMemory(): Promise<number[]> {
  return repeat(200, async () => memoryOf(server));
}

async function repeat(everyMs: number, measure: () => Promise<number>): Promise<number[]> {
  const results: number[] = [];
  while (!ended) {
    results.push(await measure());
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return results;
}

/** Resident memory, MB. */
function memoryOf({ child }: ServerProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}
