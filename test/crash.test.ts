import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { firstLook, startSandbox } from "../src/sandbox/sandbox.ts";
import { runChaos } from "./chaos/chaos.ts";
import { startInstance } from "./chaos/instance.ts";
import { type Postgres, startPostgres } from "./support/postgres.ts";

/** The built server as processes, killed for real. Long runs: npm run chaos. */
const folder = mkdtempSync(join(tmpdir(), "crash-"));
const closing: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true })];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

const none = { lost: 0, falseCancelled: 0, falseRejected: 0, limitViolations: 0, unfinished: 0 };

it("one instance on SQLite, killed 4 times under faults: nothing lost, nothing false", async () => {
  const databaseUrl = `file:${join(folder, "chaos.db")}`;
  const report = await runChaos(startSandbox, { rounds: 4, instances: 1, databaseUrl, seed: 7 });
  expect(report).toMatchObject(none);
  expect(report.statuses.CANCELLED).toBeGreaterThan(0);
}, 60_000);

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
  closing.push(postgres.stop);
});

it("two instances on PostgreSQL, killed 3 times under faults: nothing lost, nothing false", async () => {
  const databaseUrl = await postgres.createDatabase("chaos");
  const report = await runChaos(startSandbox, { rounds: 3, instances: 2, databaseUrl, seed: 8 });
  expect(report).toMatchObject(none);
  expect(report.statuses.CANCELLED).toBeGreaterThan(0);
}, 60_000);

it("two instances asked for the same order at once send one request, and both learn of its end at once", async () => {
  const sandbox = await startSandbox({ minIntervalMs: 50 });
  closing.push(sandbox.close);
  const onramp = sandbox.simulators.find(({ provider }) => provider === "ONRAMP");
  onramp?.faults(() => ({ kind: "delay", ms: 300 }));
  const settings = { ...sandbox.settings, SANDBOX: "false", DATABASE_URL: await postgres.createDatabase("joined") };
  const instances = await Promise.all([startInstance(settings), startInstance(settings)]);
  for (const instance of instances) closing.push(instance.kill);
  const orderId = firstLook.ONRAMP.cancellable;
  const mutation = `mutation{cancelOrders(provider:ONRAMP,ids:["${orderId}"]){orders{cancellation{status attempts}}}}`;

  const answers = await Promise.all(instances.map(({ url }) => post(url, mutation)));

  for (const answer of answers) {
    expect(answer.data?.cancelOrders?.orders[0]?.cancellation).toEqual({ status: "CANCELLED", attempts: 1 });
  }
  expect(onramp?.orders.get(orderId)?.cancelRequests).toBe(1);
}, 30_000);

it("the database away: an honest error, nothing sent, not ready; back again: served again", async () => {
  const own = await startPostgres();
  closing.push(own.stop);
  const sandbox = await startSandbox({ minIntervalMs: 50 });
  closing.push(sandbox.close);
  const onramp = sandbox.simulators.find(({ provider }) => provider === "ONRAMP");
  const settings = { ...sandbox.settings, SANDBOX: "false", DATABASE_URL: await own.createDatabase("away") };
  const instance = await startInstance(settings);
  closing.push(instance.kill);
  const ready = async () => (await fetch(instance.url.replace("/graphql", "/readyz"))).status;
  const mutation = `mutation{cancelOrders(provider:ONRAMP,ids:["${firstLook.ONRAMP.cancellable}"]){orders{cancellation{status}}}}`;
  expect(await ready()).toBe(200);

  await own.halt();
  expect(await ready()).toBe(503);
  expect(await post(instance.url, mutation)).toMatchObject({
    errors: [{ extensions: { code: "INTERNAL_SERVER_ERROR" } }],
  });
  expect(onramp?.received).toEqual([]);

  await own.start();
  await expect.poll(ready).toBe(200);
  expect(await post(instance.url, mutation)).toEqual({
    data: { cancelOrders: { orders: [{ cancellation: { status: "CANCELLED" } }] } },
  });
}, 40_000);

it("killed between sending and the answer: the next start finds out, without a second cancel", async () => {
  const sandbox = await startSandbox({ minIntervalMs: 50 });
  closing.push(sandbox.close);
  const kwikpaisa = sandbox.simulators.find(({ provider }) => provider === "KWIKPAISA");
  const orderId = firstLook.KWIKPAISA.cancellable;
  const settings = { ...sandbox.settings, DATABASE_URL: `file:${join(folder, "sent.db")}`, LOOKUP_DELAYS_MS: "50" };
  const instance = await startInstance({ ...settings, SANDBOX: "false" });
  closing.push(instance.kill);

  const arrived = Promise.withResolvers<void>();
  kwikpaisa?.faults(() => {
    arrived.resolve();
    return { kind: "hang", effect: true };
  });
  void post(instance.url, `mutation{cancelOrders(provider:KWIKPAISA,ids:["${orderId}"]){orders{id}}}`).catch(() => {});
  await arrived.promise;
  await instance.kill();
  kwikpaisa?.faults(undefined);
  await instance.restart();

  const query = `{cancellation(provider:KWIKPAISA,orderId:"${orderId}"){status attempts}}`;
  await expect
    .poll(() => post(instance.url, query))
    .toEqual({ data: { cancellation: { status: "CANCELLED", attempts: 1 } } });
  expect(kwikpaisa?.orders.get(orderId)?.cancelRequests).toBe(1);
}, 30_000);

it("a second process on the same SQLite file is refused in one line that says why", async () => {
  const settings = { DATABASE_URL: `file:${join(folder, "shared.db")}` };
  const first = await startInstance(settings);
  closing.push(first.kill);
  await expect(startInstance(settings)).rejects.toThrow(/cannot start: DATABASE_URL.*another process/);
});

it("SIGTERM under load: every request is answered, nothing is lost, and it ends within 10 s", async () => {
  const sandbox = await startSandbox({ minIntervalMs: 50 });
  closing.push(sandbox.close);
  const onramp = sandbox.simulators.find(({ provider }) => provider === "ONRAMP");
  onramp?.faults(() => ({ kind: "delay", ms: 200 }));
  const settings = { ...sandbox.settings, DATABASE_URL: `file:${join(folder, "term.db")}`, SANDBOX: "false" };
  const instance = await startInstance(settings);
  closing.push(instance.kill);
  const ids = Array.from({ length: 40 }, (_, index) => String(4000 + index));
  for (const id of ids) onramp?.add(id);

  const asking = ids.map((id) =>
    post(instance.url, `mutation{cancelOrders(provider:ONRAMP,ids:["${id}"]){orders{id cancellation{status}}}}`),
  );
  await expect.poll(() => onramp?.received.length).toBeGreaterThan(3);
  const startedAt = performance.now();
  expect(await instance.terminate()).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  for (const answer of await Promise.all(asking)) {
    expect(["PENDING", "CANCELLED"]).toContain(answer.data?.cancelOrders?.orders[0]?.cancellation.status);
  }

  onramp?.faults(undefined);
  await instance.restart();
  const query = `{${ids.map((id) => `o${id}:cancellation(provider:ONRAMP,orderId:"${id}"){status}`).join(" ")}}`;
  const cancelled = Object.fromEntries(ids.map((id) => [`o${id}`, { status: "CANCELLED" }]));
  await expect.poll(() => post(instance.url, query)).toEqual({ data: cancelled });
}, 40_000);

interface Answer {
  data?: { cancelOrders?: { orders: { cancellation: { status: string; attempts?: number } }[] } };
}

async function post(url: string, query: string): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Answer;
}
