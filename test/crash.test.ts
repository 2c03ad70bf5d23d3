import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstLook, startSimulators } from "../src/simulators/simulators.ts";
import { type ChaosOptions, runChaos } from "./chaos/chaos.ts";
import { type ChaosDatabase, postgresDatabase, sqliteDatabase } from "./chaos/database.ts";
import { startInstance } from "./chaos/instance.ts";
import { nothingBroken } from "./chaos/report.ts";
import { type Postgres, startPostgres } from "./support/postgres.ts";

/** The built server as processes, killed for real. Long runs: npm run chaos. */
const folder = mkdtempSync(join(tmpdir(), "crash-"));
const closing: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true })];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
  closing.push(postgres.stop);
});

const sqlite = async () => sqliteDatabase(join(folder, `${randomUUID()}.db`));

/** They wait much more than they work: side by side. */
describe.concurrent("under load, with faulty providers, every guarantee holds", () => {
  it.each<[string, () => Promise<ChaosDatabase>, Omit<ChaosOptions, "database">]>([
    ["one instance on SQLite is killed", sqlite, { rounds: 4, instances: 1, seed: 7, disturb: ["kill"] }],
    [
      "two instances on PostgreSQL are killed",
      () => postgresDatabase(postgres, "chaos"),
      { rounds: 3, instances: 2, seed: 8, disturb: ["kill"] },
    ],
    ["the clock of one instance jumps", sqlite, { rounds: 3, instances: 1, seed: 9, disturb: ["clock"] }],
  ])(
    "%s",
    async (_name, open, options) => {
      const database = await open();
      const report = await runChaos(startSimulators, { ...options, database }).finally(database.close);
      expect(report.failures).toEqual([]);
      expect(report).toMatchObject(nothingBroken);
      expect(report.answersReceived).toBeGreaterThan(0);
      expect(report.statuses.CANCELLED).toBeGreaterThan(0);
    },
    300_000,
  );
});

it("two instances asked for the same order at once send one request, and both learn of its end at once", async () => {
  const simulators = await startSimulators({ minIntervalMs: 50 });
  closing.push(simulators.close);
  const onramp = simulators.simulators.find(({ provider }) => provider === "ONRAMP");
  onramp?.faults(() => ({ kind: "delay", ms: 300 }));
  const settings = { ...simulators.settings, SANDBOX: "false", DATABASE_URL: await postgres.createDatabase("joined") };
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
  const simulators = await startSimulators({ minIntervalMs: 50 });
  closing.push(simulators.close);
  const onramp = simulators.simulators.find(({ provider }) => provider === "ONRAMP");
  const settings = { ...simulators.settings, SANDBOX: "false", DATABASE_URL: await own.createDatabase("away") };
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
  await expect.poll(ready, { timeout: 10_000 }).toBe(200);
  expect(await post(instance.url, mutation)).toEqual({
    data: { cancelOrders: { orders: [{ cancellation: { status: "CANCELLED" } }] } },
  });
}, 40_000);

it("killed between sending and the answer: the next start finds out, without a second cancel", async () => {
  const simulators = await startSimulators({ minIntervalMs: 50 });
  closing.push(simulators.close);
  const kwikpaisa = simulators.simulators.find(({ provider }) => provider === "KWIKPAISA");
  const orderId = firstLook.KWIKPAISA.cancellable;
  const settings = { ...simulators.settings, DATABASE_URL: `file:${join(folder, "sent.db")}`, LOOKUP_DELAYS_MS: "50" };
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
    .poll(() => post(instance.url, query), { timeout: 10_000 })
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
  const simulators = await startSimulators({ minIntervalMs: 50 });
  closing.push(simulators.close);
  const onramp = simulators.simulators.find(({ provider }) => provider === "ONRAMP");
  // Eight at a time: five seconds of work.
  onramp?.faults(() => ({ kind: "delay", ms: 1000 }));
  const settings = { ...simulators.settings, DATABASE_URL: `file:${join(folder, "term.db")}`, SANDBOX: "false" };
  const instance = await startInstance(settings);
  closing.push(instance.kill);
  const ids = Array.from({ length: 40 }, (_, index) => String(4000 + index));
  for (const id of ids) onramp?.add(id);
  const query = `{${ids.map((id) => `o${id}:cancellation(provider:ONRAMP,orderId:"${id}"){status}`).join(" ")}}`;
  const statuses = async () => {
    const { data } = (await post(instance.url, query)) as { data?: Record<string, { status: string } | null> };
    return Object.values(data ?? { none: null }).map((each) => each?.status);
  };

  const asking = Promise.allSettled(
    ids.map((id) =>
      post(instance.url, `mutation{cancelOrders(provider:ONRAMP,ids:["${id}"]){orders{id cancellation{status}}}}`),
    ),
  );
  // Requests that the server has not accepted when it closes its port are reset: here it has accepted all of them.
  await expect.poll(statuses, { timeout: 20_000 }).not.toContain(undefined);
  const startedAt = performance.now();
  expect(await instance.terminate()).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  for (const answer of await asking) {
    expect(answer).toMatchObject({
      status: "fulfilled",
      value: {
        data: { cancelOrders: { orders: [{ cancellation: { status: expect.stringMatching(/PENDING|CANCELLED/) } }] } },
      },
    });
  }

  onramp?.faults(undefined);
  await instance.restart();
  await expect.poll(statuses, { timeout: 30_000 }).toEqual(ids.map(() => "CANCELLED"));
}, 90_000);

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
