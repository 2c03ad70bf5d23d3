import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ServerProcess, startServerProcess } from "../support/process.ts";
import { median } from "./numbers.ts";
import { makeRows, orderIdOf } from "./rows.ts";

export interface SizesOptions {
  folder: string;
  /** How many settled orders each ledger holds. */
  orders: readonly number[];
  /** How often each query is asked; the median counts. */
  rounds: number;
}

/** What a ledger of this size costs. */
export interface Size {
  orders: number;
  /** From the start of the process to a 200 of `/readyz`. */
  startSeconds: number;
  /** Resident memory when it is ready. */
  restMegabytes: number;
  /** A list of 50, and 100 orders at random, ms. */
  listMs: number;
  entitiesMs: number;
  /** Resident memory after that. */
  usedMegabytes: number;
}

export async function measureSizes({ folder, orders, rounds }: SizesOptions): Promise<Size[]> {
  const measured: Size[] = [];
  for (const count of orders) {
    const path = join(folder, `${count}.db`);
    await makeRows(path, count);
    measured.push(await measureSize(path, count, rounds));
  }
  return measured;
}

async function measureSize(path: string, orders: number, rounds: number): Promise<Size> {
  const startedAt = performance.now();
  const server = await startServerProcess({ DATABASE_URL: `file:${path}`, SANDBOX: "true" });
  try {
    while (!(await fetch(server.at("/readyz"))).ok);
    const startSeconds = (performance.now() - startedAt) / 1000;
    const restMegabytes = residentMegabytes(server);
    const listMs = await medianMs(rounds, () => post(server.url, list, {}));
    const entitiesMs = await medianMs(rounds, () => post(server.url, entities, { r: someOrders(orders) }));
    return { orders, startSeconds, restMegabytes, listMs, entitiesMs, usedMegabytes: residentMegabytes(server) };
  } finally {
    await server.kill();
  }
}

const list = "{cancellations(provider:ONRAMP,status:CANCELLED){edges{node{status order{id}}}}}";
const entities = "query($r:[_Any!]!){_entities(representations:$r){...on Order{cancellation{status attempts}}}}";

function someOrders(orders: number) {
  return Array.from({ length: 100 }, () => ({
    __typename: "Order",
    provider: "ONRAMP",
    id: orderIdOf(Math.floor(Math.random() * orders)),
  }));
}

async function medianMs(rounds: number, run: () => Promise<unknown>): Promise<number> {
  const durations: number[] = [];
  for (let round = 0; round < rounds * 2; round += 1) {
    const startedAt = performance.now();
    await run();
    durations.push(performance.now() - startedAt);
  }
  // The first half warms up.
  return median(durations.slice(rounds));
}

async function post(url: string, query: string, variables: unknown): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const text = await answer.text();
  if (text.includes('"errors"')) throw new Error(text.slice(0, 300));
}

/** Linux tells it in KiB; elsewhere it is not measured. */
function residentMegabytes({ child }: ServerProcess): number {
  if (process.platform !== "linux") return Number.NaN;
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6;
}
