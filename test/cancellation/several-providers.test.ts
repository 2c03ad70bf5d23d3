import { afterEach, expect, it } from "vitest";
import { startCancellations } from "../../src/cancellation/cancellations.ts";
import { watchOrders } from "../../src/cancellation/order-watch.ts";
import { systemClock } from "../../src/domain/clock.ts";
import type { Outcome } from "../../src/domain/outcome.ts";
import { openLedger } from "../../src/ledger/open.ts";
import { createAlarm } from "../../src/util/alarm.ts";
import { batchClient } from "../support/batch-client.ts";

/** One request with orders of several providers, over a real ledger in memory. */
const longMs = 600_000;
const by = { requestedBy: null };
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it("an order of a paused provider is not waited for, those of the others are", async () => {
  const answer = Promise.withResolvers<Outcome[]>();
  const { cancel } = await start({ A: () => answer.promise, PAUSED: () => [{ kind: "cancelled" }] });
  const cancelling = cancel(orders("PAUSED", "A"), by);
  answer.resolve([{ kind: "cancelled" }]);
  expect((await cancelling).map(({ status, attempts }) => [status, attempts])).toEqual([
    ["PENDING", 0],
    ["CANCELLED", 1],
  ]);
});

it("if all orders are of a paused provider, the answer comes at once", async () => {
  const { cancel } = await start({ PAUSED: () => [{ kind: "cancelled" }] });
  expect(await cancel(orders("PAUSED"), by)).toMatchObject([{ status: "PENDING", attempts: 0 }]);
});

it("a request that has used its time before it is recorded is recorded and sent, and not waited for", async () => {
  const sent = Promise.withResolvers<void>();
  const { cancel } = await start({
    A: () => {
      sent.resolve();
      return new Promise(() => {});
    },
  });
  expect(await cancel(orders("A"), { ...by, ageMs: longMs })).toMatchObject([{ status: "PENDING" }]);
  await sent.promise;
});

it("a provider that is not set up is an error, and nothing is recorded for the others", async () => {
  const { cancel, ledger } = await start({ A: () => [{ kind: "cancelled" }] });
  await expect(cancel(orders("A", "B"), by)).rejects.toThrow("B is not set up");
  expect(await ledger.read(orders("A", "B"))).toEqual([undefined, undefined]);
});

function orders(...providers: string[]) {
  return providers.map((provider) => ({ provider, orderId: "1" }));
}

async function start(answers: Record<string, () => Outcome[] | Promise<Outcome[]>>) {
  const ledger = await openLedger({ kind: "sqlite", path: ":memory:" }, systemClock, { leaseMs: 5000 });
  const setup = {
    ...{ baseUrl: new URL("http://127.0.0.1"), testHosts: [], secrets: [] },
    ...{ maxBatchSize: 1, minIntervalMs: null, concurrency: 1 },
  };
  const cancellations = startCancellations({
    ledger,
    orderWatch: watchOrders({ ledger, readAgainMs: 60_000, emit: () => {} }),
    providers: Object.entries(answers).map(([name, cancel]) => {
      return { name, setup, client: batchClient({ cancel: async () => cancel() }), paused: () => name === "PAUSED" };
    }),
    policy: { retryDelaysMs: [20], giveUpAfterMs: 60_000, lookupDelaysMs: [20] },
    waitMs: longMs,
    leaseMs: 5000,
    exchangeMs: 5000,
    alarm: createAlarm(systemClock.elapsed),
    clock: systemClock,
    random: Math.random,
    emit: () => {},
  });
  closing.push(ledger.close, () => cancellations.stop(0));
  return { cancel: cancellations.cancel, ledger };
}
