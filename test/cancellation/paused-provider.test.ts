import { afterEach, expect, it, vi } from "vitest";
import { startCancellations } from "../../src/cancellation/cancellations.ts";
import { watchOrders } from "../../src/cancellation/order-watch.ts";
import { systemClock } from "../../src/domain/clock.ts";
import type { Outcome } from "../../src/domain/outcome.ts";
import { openLedger } from "../../src/ledger/open.ts";
import { createAlarm } from "../../src/util/alarm.ts";
import { batchClient } from "../support/batch-client.ts";
import { ordersOf } from "../support/records.ts";

/** The use case over a real ledger in memory, and a provider that an operator pauses. */
const provider = "TRONSAVE";
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it("a pause just before a request leaves: it does not leave, does not count, and leaves after the start", async () => {
  const { cancellations, alarm, ledger, sent, pause } = await start();
  const markSent = ledger.markSent;
  let marked = false;
  vi.spyOn(ledger, "markSent").mockImplementationOnce(async (claims) => {
    const sendable = await markSent(claims);
    pause(true);
    marked = true;
    return sendable;
  });
  const cancelling = cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
  const waits = async () => (await ledger.read([{ provider, orderId: "a" }]))[0]?.nextAttemptAt;
  await expect.poll(() => marked).toBe(true);
  await expect.poll(waits).toEqual(expect.any(Number));
  expect(sent).toEqual([]);
  pause(false);
  alarm.now();
  expect((await cancelling)[0]).toMatchObject({ status: "CANCELLED", attempts: 1 });
  expect(sent).toEqual([["a"]]);
});

it("a pause while an order is claimed: it is released, without a mark", async () => {
  const { cancellations, alarm, ledger, sent, pause } = await start();
  const claimDue = ledger.claimDue;
  vi.spyOn(ledger, "claimDue").mockImplementationOnce(async (...asked) => {
    const claims = await claimDue(...asked);
    pause(true);
    return claims;
  });
  const marked = vi.spyOn(ledger, "markSent");
  const released = vi.spyOn(ledger, "release");
  const cancelling = cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
  await expect.poll(() => released.mock.calls.flat().flat().length).toBe(1);
  expect([marked.mock.calls, sent]).toEqual([[], []]);
  pause(false);
  alarm.now();
  expect((await cancelling)[0]).toMatchObject({ status: "CANCELLED", attempts: 1 });
});

it("an order that waited through a pause longer than GIVE_UP_AFTER_MS is not given up because of it", async () => {
  const { cancellations, alarm, ledger, sent, pause, failNext } = await start();
  pause(true);
  const [waiting] = await cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
  expect(waiting).toMatchObject({ status: "PENDING", attempts: 0 });
  // The policy gives up after 1 ms.
  await expect.poll(() => systemClock.now() - (waiting?.requestedAt ?? 0)).toBeGreaterThan(1);
  failNext();
  pause(false);
  alarm.now();
  await expect.poll(async () => (await ledger.read([{ provider, orderId: "a" }]))[0]?.status).toBe("CANCELLED");
  expect(sent).toEqual([["a"], ["a"]]);
});

async function start() {
  const ledger = await openLedger({ kind: "sqlite", path: ":memory:" }, systemClock, { leaseMs: 5000 });
  const sent: string[][] = [];
  let paused = false;
  /** Whether the provider certainly does not act on the next request. */
  let failing = false;
  const client = {
    cancel: async (orderIds: readonly string[]): Promise<Outcome[]> => {
      sent.push([...orderIds]);
      const fails = failing;
      failing = false;
      return orderIds.map(() =>
        fails ? { kind: "notProcessed", code: "PROVIDER_UNAVAILABLE" } : { kind: "cancelled" },
      );
    },
  };
  const setup = {
    ...{ baseUrl: new URL("http://127.0.0.1"), testHosts: [], secrets: [] },
    ...{ maxBatchSize: 100, minIntervalMs: 10, concurrency: 1 },
  };
  const alarm = createAlarm(systemClock.elapsed);
  const cancellations = startCancellations({
    ledger,
    orderWatch: watchOrders({ ledger, readAgainMs: 60_000, emit: () => {} }),
    providers: [{ name: provider, setup, client: batchClient(client), paused: () => paused }],
    policy: { retryDelaysMs: [20], giveUpAfterMs: 1, lookupDelaysMs: [20] },
    ...{
      waitMs: 60_000,
      leaseMs: 5000,
      exchangeMs: 5000,
      alarm,
      clock: systemClock,
      random: Math.random,
      emit: () => {},
    },
  });
  closing.push(ledger.close, () => cancellations.stop(0));
  const pause = (now: boolean) => {
    paused = now;
  };
  const failNext = () => {
    failing = true;
  };
  return { cancellations, alarm, ledger, sent, pause, failNext };
}
