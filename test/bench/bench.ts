import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request } from "undici";
import type { Simulator } from "../../src/simulators/kit/simulator.ts";
import type { Simulators } from "../../src/simulators/simulators.ts";
import { startServerProcess } from "../support/process.ts";

/**
 * `npm run bench`: what the service costs, each figure beside a peer measured in the same run. The server is a process of
 * its own; simulators and load share this one. Figures of shared machines are worth their ratio, not their size.
 */
const built = (path: string) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { startSimulators } = await built("simulators/simulators.js");
const { openLedger } = await built("ledger/open.js");
const { systemClock } = await built("domain/clock.js");
const { onrampClient } = await built("providers/onramp.js");
const { openHttpClient } = await built("providers/http/http-client.js");

const folder = mkdtempSync(join(tmpdir(), "bench-"));
const simulators: Simulators = await startSimulators({ minIntervalMs: 2000 });
const settings = { ...simulators.settings, SANDBOX: "false", LOG_LEVEL: "info", ONRAMP_CONCURRENCY: "64" };
const rows: string[][] = [];
try {
  await measureCancels();
  await measureReads();
  await measureBatching();
  await measureRestart();
  console.log("| measured | here | beside it |\n|---|---|---|");
  for (const row of rows) console.log(`| ${row.join(" | ")} |`);
} finally {
  await simulators.close();
  rmSync(folder, { recursive: true });
}

/** Durable cancels through GraphQL, beside the same client calling the same provider with nothing around it. */
async function measureCancels(): Promise<void> {
  const [onramp, count, parallel] = [simulator("ONRAMP"), 3000, 64];
  const idsFrom = (first: number) => Array.from({ length: count }, (_, index) => String(first + index));
  for (const id of [...idsFrom(10_000_000), ...idsFrom(20_000_000)]) onramp.add(id);

  const http = openHttpClient({
    baseUrl: new URL(onramp.baseUrl),
    connections: parallel,
    timeoutMs: 5000,
    secrets: [],
    now: Date.now,
  });
  const { ONRAMP_API_KEY: apiKey, ONRAMP_API_SECRET: apiSecret } = onramp.settings;
  const client = onrampClient({ apiKey, apiSecret }, http);
  const direct = await perSecond(idsFrom(10_000_000), parallel, (id) => client.cancel([id]));
  await http.close();

  const through = await withServer("cancels.db", (url) =>
    perSecond(idsFrom(20_000_000), parallel, (id) =>
      post(url, `mutation{cancelOrders(provider:ONRAMP,ids:["${id}"]){orders{cancellation{status}}}}`),
    ),
  );
  rows.push([
    "cancels a second, recorded durably, 64 at a time",
    `${through}`,
    `${direct} by the bare client, unrecorded`,
  ]);
}

/** 100 representations a request, beside a bare HTTP server that answers the same bytes. */
async function measureReads(): Promise<void> {
  const ids = Array.from({ length: 100 }, (_, index) => String(30_000_000 + index));
  for (const id of ids) simulator("ONRAMP").add(id);
  const representations = ids.map((id) => ({ __typename: "Order", provider: "ONRAMP", id }));
  const query = "query($r:[_Any!]!){_entities(representations:$r){...on Order{id cancellation{status problem{code}}}}}";
  const tasks = Array.from({ length: 1500 }, () => "");
  await withServer("reads.db", async (url) => {
    await post(url, "mutation($ids:[ID!]!){cancelOrders(provider:ONRAMP,ids:$ids){orders{id}}}", { ids });
    const answer = await post(url, query, { r: representations });
    const here = await perSecond(tasks, 16, () => post(url, query, { r: representations }));
    const peer = createServer((incoming, response) => {
      incoming.resume().on("end", () => response.setHeader("content-type", "application/json").end(answer));
    });
    await once(peer.listen(0, "127.0.0.1"), "listening");
    const peerUrl = `http://127.0.0.1:${(peer.address() as AddressInfo).port}`;
    const there = await perSecond(tasks, 16, () => post(peerUrl, query, { r: representations }));
    peer.close().closeAllConnections();
    rows.push(["`_entities` requests of 100 orders a second", `${here}`, `${there} by a bare HTTP server, same bytes`]);
  });
}

async function measureBatching(): Promise<void> {
  const tronsave = simulator("TRONSAVE");
  const ids = Array.from({ length: 300 }, (_, index) => index.toString(16).padStart(24, "a"));
  for (const id of ids) tronsave.add(id);
  tronsave.forget();
  await withServer("batching.db", async (url) => {
    const startedAt = performance.now();
    const mutation = (id: string) =>
      `mutation{cancelOrders(provider:TRONSAVE,ids:["${id}"]){orders{cancellation{status}}}}`;
    await Promise.all(ids.map((id) => post(url, mutation(id))));
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const alone = `${ids.length} requests, ${(ids.length - 1) * 2} s at the limit (computed)`;
    rows.push([
      "300 mutations of one Tronsave order each",
      `${tronsave.received.length} requests, ${seconds} s`,
      alone,
    ]);
  });
}

/** From the start of the process to a 200 of `/readyz`. */
async function measureRestart(): Promise<void> {
  const empty = await secondsToReady("empty.db", 0);
  const full = await secondsToReady("full.db", 10_000);
  rows.push(["start with 10,000 open records, until ready", `${full} s`, `${empty} s with none`]);
}

async function secondsToReady(file: string, open: number): Promise<string> {
  const path = join(folder, file);
  const ledger = await openLedger({ kind: "sqlite", path }, systemClock, { leaseMs: 30_000 });
  const orderIds = Array.from({ length: open }, (_, index) => String(40_000_000 + index));
  await ledger.open({ provider: "FINPAY", orderIds, requestedBy: null, claim: 0 });
  await ledger.close();
  const startedAt = performance.now();
  return withServer(file, async (url) => {
    while (!(await fetch(url.replace("/graphql", "/readyz"))).ok);
    return ((performance.now() - startedAt) / 1000).toFixed(2);
  });
}

async function withServer<T>(file: string, use: (url: string) => Promise<T>): Promise<T> {
  const server = await startServerProcess({ ...settings, DATABASE_URL: `file:${join(folder, file)}` });
  try {
    return await use(server.url);
  } finally {
    await server.kill();
  }
}

async function perSecond(tasks: readonly string[], parallel: number, run: (task: string) => Promise<unknown>) {
  const queue = tasks.values();
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      for (const task of queue) await run(task);
    }),
  );
  return Math.round(tasks.length / ((performance.now() - startedAt) / 1000));
}

/** Beside the `fetch` of the tests this costs little, so that what is measured is the server. */
async function post(url: string, query: string, variables = {}): Promise<string> {
  const headers = { "content-type": "application/json" };
  const { statusCode, body } = await request(url, {
    method: "POST",
    headers,
    body: JSON.stringify({ query, variables }),
  });
  const text = await body.text();
  if (statusCode !== 200 || text.includes('"errors"')) throw new Error(`${statusCode}: ${text.slice(0, 300)}`);
  return text;
}

function simulator(provider: Simulator["provider"]): Simulator {
  const found = simulators.simulators.find((each) => each.provider === provider);
  if (!found) throw new Error(`no simulator of ${provider}`);
  return found;
}
