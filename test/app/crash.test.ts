import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { firstLook, startSimulators } from "../../src/simulators/simulators.ts";
import { post } from "../support/post.ts";
import { startPostgres } from "../support/postgres.ts";
import { type ServerProcess, type Settings, startServerProcess } from "../support/process.ts";
import { cancelOrders, type ProviderName, simulatorOf } from "../support/service.ts";
import { sharedPostgres } from "../support/shared-postgres.ts";

/** The built server as processes, killed for real. */
const folder = mkdtempSync(join(tmpdir(), "crash-"));
const closing: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true })];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

it("two instances asked for the same order at once send one request, and both learn of its end at once", async () => {
  const { simulator: onramp, settings } = await simulate("ONRAMP");
  onramp.faults(() => ({ kind: "delay", ms: 300 }));
  const shared = { ...settings, DATABASE_URL: (await sharedPostgres()).url() };
  const servers = await Promise.all([startServer(shared), startServer(shared)]);
  const orderId = firstLook.ONRAMP.cancellable;
  const mutation = `mutation{cancelOrders(provider:ONRAMP,ids:["${orderId}"]){orders{cancellation{status attempts}}}}`;

  const answers = await Promise.all(servers.map(({ url }) => post(url, { query: mutation })));

  for (const answer of answers) {
    expect(answer.data.cancelOrders.orders[0].cancellation).toEqual({ status: "CANCELLED", attempts: 1 });
  }
  expect(onramp.orders.get(orderId)?.cancelRequests).toBe(1);
});

it("the database away: an honest error, nothing sent, not ready; back again: served again", async () => {
  const own = await startPostgres();
  closing.push(own.stop);
  const { simulator: onramp, settings } = await simulate("ONRAMP");
  const server = await startServer({ ...settings, DATABASE_URL: await own.createDatabase("away") });
  const ready = async () => (await fetch(server.at("/readyz"))).status;
  const query = `mutation{cancelOrders(provider:ONRAMP,ids:["${firstLook.ONRAMP.cancellable}"]){orders{cancellation{status}}}}`;
  expect(await ready()).toBe(200);

  await own.halt();
  expect(await ready()).toBe(503);
  expect((await post(server.url, { query })).codes).toEqual(["INTERNAL_SERVER_ERROR"]);
  const recheck = `mutation{recheckCancellations(orders:[{provider:ONRAMP,id:"1"}]){orders{id}}}`;
  expect((await post(server.url, { query: recheck })).codes).toEqual(["INTERNAL_SERVER_ERROR"]);
  expect(onramp.received).toEqual([]);

  await own.start();
  await expect.poll(ready).toBe(200);
  expect((await post(server.url, { query })).data).toEqual({
    cancelOrders: { orders: [{ cancellation: { status: "CANCELLED" } }] },
  });
});

it("killed between sending and the answer: the next start finds out, without a second cancel", async () => {
  const { simulator: kwikpaisa, settings } = await simulate("KWIKPAISA");
  const orderId = firstLook.KWIKPAISA.cancellable;
  const DATABASE_URL = `file:${join(folder, "sent.db")}`;
  const server = await startServer({ ...settings, DATABASE_URL, LOOKUP_DELAYS_MS: "50" });

  const arrived = Promise.withResolvers<void>();
  kwikpaisa.faults(() => {
    arrived.resolve();
    return { kind: "hang", effect: true };
  });
  const mutation = `mutation{cancelOrders(provider:KWIKPAISA,ids:["${orderId}"]){orders{id}}}`;
  void post(server.url, { query: mutation }).catch(() => {});
  await arrived.promise;
  await server.kill();
  kwikpaisa.faults(undefined);
  await server.restart();

  const query = `{cancellation(provider:KWIKPAISA,orderId:"${orderId}"){status attempts}}`;
  await expect
    .poll(async () => (await post(server.url, { query })).data)
    .toEqual({ cancellation: { status: "CANCELLED", attempts: 1 } });
  expect(kwikpaisa.orders.get(orderId)?.cancelRequests).toBe(1);
});

it("killed 50 ms after five providers' orders were recorded for one request: the next start finishes all of them", async () => {
  const simulators = await startSimulators({ minIntervalMs: 50 });
  closing.push(simulators.close);
  const orders = Object.entries(firstLook).map(([provider, { cancellable }]) => ({ provider, id: cancellable }));
  for (const { faults } of simulators.simulators) faults(() => ({ kind: "hang", effect: true }));
  // While an order is younger, no look-up at sms4sats shows whether a cancel took effect.
  simulatorOf(simulators, "SMS4SATS").add(firstLook.SMS4SATS.cancellable, { createdAt: Date.now() - 25 * 60_000 });
  const DATABASE_URL = `file:${join(folder, "five.db")}`;
  // After the start, Tronsave's slot stays taken for as long as the request that died could have been under way.
  const short = { LOOKUP_DELAYS_MS: "50", PROVIDER_TIMEOUT_MS: "1000" };
  const server = await startServer({ ...simulators.settings, SANDBOX: "false", DATABASE_URL, ...short });
  const read =
    "query($orders: [OrderKeyInput!]!) { selectedOrders(orders: $orders) { cancellation { history(last: 1) { kind } } } }";
  const latest = async () => {
    const { data } = await post(server.url, { query: read, variables: { orders } });
    return data.selectedOrders.map(({ cancellation }: Read) => cancellation?.history[0]?.kind);
  };

  const cancel = "mutation($orders: [OrderKeyInput!]!) { cancelSelectedOrders(orders: $orders) { orders { id } } }";
  void post(server.url, { query: cancel, variables: { orders } }).catch(() => {});
  // All or none: they are recorded in one transaction.
  await expect.poll(latest).not.toContain(undefined);
  await pause(50);
  await server.kill();
  for (const { faults } of simulators.simulators) faults(undefined);
  await server.restart();

  await expect.poll(latest, { timeout: 20_000 }).toEqual(orders.map(() => "SETTLED"));
});

it("a second process on the same SQLite file is refused in one line that says why", async () => {
  const settings = { DATABASE_URL: `file:${join(folder, "shared.db")}` };
  await startServer(settings);
  await expect(startServer(settings)).rejects.toThrow(/cannot start: DATABASE_URL.*another process/);
});

it("SIGTERM under load: every request is answered, nothing is lost, and a silent provider is not waited for", async () => {
  const { simulator: onramp, settings } = await simulate("ONRAMP");
  const ids = Array.from({ length: 40 }, (_, index) => String(4000 + index));
  for (const id of ids) onramp.add(id);
  // Eight at a time: more than a stop waits for. Every other answer never comes.
  onramp.faults(({ orderIds: [id] }) =>
    Number(id) % 2 === 0 ? { kind: "delay", ms: 1000 } : { kind: "hang", effect: true },
  );
  const patient = { PROVIDER_TIMEOUT_MS: "60000", LEASE_MS: "90000", LOOKUP_DELAYS_MS: "50" };
  const server = await startServer({ ...settings, ...patient, DATABASE_URL: `file:${join(folder, "term.db")}` });
  const query = `{${ids.map((id) => `o${id}:cancellation(provider:ONRAMP,orderId:"${id}"){status}`).join(" ")}}`;
  const statuses = async () => {
    const { data } = await post<Record<string, { status: string } | null>>(server.url, { query });
    return Object.values(data ?? { none: null }).map((each) => each?.status);
  };

  const asking = Promise.all(
    ids.map((id) => post(server.url, { query: cancelOrders, variables: { provider: "ONRAMP", ids: [id] } })),
  );
  // Requests that the server has not accepted when it closes its port are reset: here it has accepted all of them.
  await expect.poll(statuses).not.toContain(undefined);
  const startedAt = performance.now();
  expect(await server.terminate()).toBe(0);
  // It promises 10 s, of which it waits 7; those who waited for the provider would need 60.
  expect(performance.now() - startedAt).toBeLessThan(30_000);
  for (const { data, codes } of await asking) {
    expect(codes).toEqual([]);
    expect(data.cancelOrders.orders[0].cancellation.status).toMatch(/PENDING|CANCELLED/);
  }

  onramp.faults(undefined);
  await server.restart();
  await expect.poll(statuses).toEqual(ids.map(() => "CANCELLED"));
});

interface Read {
  cancellation: { history: { kind: string }[] } | null;
}

/** Simulators that outlive every server, the one that matters, and the settings of a server that uses them. */
async function simulate(provider: ProviderName) {
  const simulators = await startSimulators({ minIntervalMs: 50 });
  closing.push(simulators.close);
  return {
    simulator: simulatorOf(simulators, provider),
    settings: { ...simulators.settings, SANDBOX: "false" },
  };
}

/** Ended with this file's tests, if it does not end before. */
async function startServer(settings: Settings): Promise<ServerProcess> {
  const server = await startServerProcess(settings);
  closing.push(server.kill);
  return server;
}
