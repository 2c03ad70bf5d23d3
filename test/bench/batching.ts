import { join } from "node:path";
import type { Simulators } from "../../src/simulators/simulators.ts";
import { startServerProcess } from "../support/process.ts";
import { built } from "./built.ts";

const { startSimulators } = await built("simulators/simulators.js");

export interface BatchingOptions {
  folder: string;
  /** Each in a mutation of its own, all at once. */
  orders: number;
  /** Least time between two requests at the provider, ms. */
  minIntervalMs: number;
}

export interface Batching extends Pick<BatchingOptions, "orders" | "minIntervalMs"> {
  requests: number;
  seconds: number;
}

/** Many mutations of one Tronsave order each, at once. They leave together; one call for each would take as many intervals. */
export async function measureBatching({ folder, orders, minIntervalMs }: BatchingOptions): Promise<Batching> {
  const simulators: Simulators = await startSimulators({ minIntervalMs });
  const tronsave = simulators.simulators.find(({ provider }) => provider === "TRONSAVE");
  if (!tronsave) throw new Error("no simulator");
  const ids = Array.from({ length: orders }, (_, index) => index.toString(16).padStart(24, "a"));
  for (const id of ids) tronsave.add(id);
  const settings = { ...simulators.settings, SANDBOX: "false", CANCEL_WAIT_MS: "60000" };
  const database = `file:${join(folder, "batching.db")}`;
  const server = await startServerProcess({
    ...settings,
    TRONSAVE_MIN_INTERVAL_MS: String(minIntervalMs),
    DATABASE_URL: database,
  });
  try {
    const startedAt = performance.now();
    await Promise.all(ids.map((id) => cancel(server.url, id)));
    const seconds = (performance.now() - startedAt) / 1000;
    return { orders, minIntervalMs, requests: tronsave.received.length, seconds };
  } finally {
    await server.kill();
    await simulators.close();
  }
}

async function cancel(url: string, id: string): Promise<void> {
  const query = `mutation{cancelOrders(provider:TRONSAVE,ids:["${id}"]){orders{cancellation{status}}}}`;
  const headers = { "content-type": "application/json" };
  const text = await (await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) })).text();
  if (!text.includes('"CANCELLED"')) throw new Error(`${id} was answered with ${text.slice(0, 300)}`);
}
