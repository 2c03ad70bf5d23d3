import { afterEach, beforeEach, expect, it } from "vitest";
import { type ExpectedStates, type OrderWatch, watchOrders } from "../../src/cancellation/order-watch.ts";
import { waitUntilSettled } from "../../src/cancellation/wait-until-settled.ts";
import type { Cancellation, OrderKey } from "../../src/domain/cancellation.ts";
import type { Change } from "../../src/domain/ledger.ts";
import { claimOf } from "../support/claims.ts";

/** One mutation that waits for its orders, over a ledger whose changes the test announces. */
const longMs = 600_000;
let announce: (key: OrderKey, change: Change, settled?: Cancellation) => void;
let orderWatch: OrderWatch;
let states: ExpectedStates;
let inLedger: Cancellation;
let reads: number;
/** Each read waits for it. */
let gate: Promise<void>;
let held: boolean;
/** Since the order was recorded. Only waits for a deadline are real. */
let passedMs: number;
let ending: AbortController;
let ended: AbortController;

const opened = claimOf({ orderId: "a", requestedAt: 1000 });
const cancelled = { ...opened, status: "CANCELLED", settledAt: 1500 } as const;

beforeEach(() => {
  [inLedger, reads, gate, held, passedMs] = [opened, 0, Promise.resolve(), true, 0];
  [ending, ended] = [new AbortController(), new AbortController()];
  orderWatch = watchOrders({
    ledger: {
      read: async (keys) => {
        reads += 1;
        const found = keys.map(() => inLedger);
        await gate;
        return found;
      },
      onChange: (listener) => {
        announce = listener;
        return () => {};
      },
      onGap: () => () => {},
      readAgainMs: () => Number.POSITIVE_INFINITY,
    },
    readAgainMs: longMs,
    emit: () => {},
  });
  states = orderWatch.expect([opened]);
});
afterEach(() => orderWatch[Symbol.asyncDispose]());

it("what this instance settled is answered without a read", async () => {
  const answer = wait();
  announce(opened, "written", cancelled);
  expect(await answer).toEqual([cancelled]);
  expect(reads).toBe(0);
});

it("what another instance settled is read", async () => {
  const answer = wait();
  inLedger = cancelled;
  announce(opened, "written");
  expect(await answer).toEqual([cancelled]);
  expect(reads).toBe(1);
});

it("what is written before the order is recorded is no answer", async () => {
  announce(opened, "written", { ...opened, status: "REJECTED", requestedAt: 10, settledAt: 999 });
  const answer = wait();
  await expect.poll(() => reads).toBe(1);
  announce(opened, "written", cancelled);
  expect(await answer).toEqual([cancelled]);
});

it("how the cancel before this one ended is no answer: the order was opened again", async () => {
  const answer = wait();
  announce(opened, "written", { ...opened, status: "REJECTED", requestedAt: 10, settledAt: 999 });
  await expect.poll(() => reads).toBe(1);
  announce(opened, "written", cancelled);
  expect(await answer).toEqual([cancelled]);
});

it("a read that began before the order was recorded is no answer", async () => {
  inLedger = { ...opened, status: "REJECTED", requestedAt: 10, settledAt: 999 };
  const held = Promise.withResolvers<void>();
  gate = held.promise;
  const stream = orderWatch.watch([opened]);
  await expect.poll(() => reads).toBe(1);
  const answer = wait();
  inLedger = opened;
  held.resolve();
  expect((await stream.next()).value?.record?.status).toBe("REJECTED");
  inLedger = cancelled;
  announce(opened, "written", cancelled);
  expect(await answer).toEqual([cancelled]);
});

it("a mutation reads nothing when its order is asked for or sent, also beside another one", async () => {
  const other = orderWatch.expect([opened]);
  other.from([opened]);
  const answer = wait();
  announce(opened, "requested");
  announce(opened, "sent");
  announce(opened, "written", cancelled);
  expect(await answer).toEqual([cancelled]);
  expect((await other.next()).value?.record).toEqual(cancelled);
  expect(reads).toBe(0);
});

it("what is known when the time is over is answered", async () => {
  expect(await wait(opened, 20)).toEqual([opened]);
  expect(await wait(opened, 0)).toEqual([opened]);
});

it("a retry after the time is over is not waited for", async () => {
  const retried = { ...opened, nextAttemptInMs: longMs };
  const answer = wait();
  inLedger = retried;
  announce(opened, "written");
  expect(await answer).toEqual([retried]);
});

it("a stop while no request for the order is under way is answered at once, without a read", async () => {
  const waiting = { ...opened, nextAttemptInMs: 20 };
  const answer = wait(waiting);
  ending.abort();
  expect(await answer).toEqual([waiting]);
  expect(reads).toBe(0);
});

it("a stop while another instance holds the order is answered at once", async () => {
  held = false;
  const answer = wait();
  ending.abort();
  expect(await answer).toEqual([opened]);
});

it.each([null, 0])(
  "a stop while the order's request is under way waits for what comes of it, if its next step was due in %s ms",
  async (nextAttemptInMs) => {
    const answer = wait({ ...opened, nextAttemptInMs });
    ending.abort();
    announce(opened, "written", cancelled);
    expect(await answer).toEqual([cancelled]);
  },
);

it("a stop while the look-up is under way that was to come later when the order was read waits for what comes of it", async () => {
  const answer = wait({ ...opened, nextAttemptInMs: 20 });
  passedMs = 20;
  ending.abort();
  announce(opened, "written", cancelled);
  expect(await answer).toEqual([cancelled]);
});

it("after a stop, a request that is to be repeated is not waited for", async () => {
  const answer = wait();
  ending.abort();
  inLedger = { ...opened, nextAttemptInMs: 20 };
  announce(opened, "written");
  expect(await answer).toEqual([inLedger]);
});

it("the end of a stop ends the wait for an order whose request takes longer", async () => {
  const answer = wait();
  ending.abort();
  ended.abort();
  expect(await answer).toEqual([opened]);
});

function wait(record: Cancellation = opened, waitMs = longMs): Promise<Cancellation[]> {
  return waitUntilSettled([record], [opened], {
    states,
    deadline: waitMs,
    elapsed: () => passedMs,
    mayChange: () => true,
    isHeld: () => held,
    ending: ending.signal,
    ended: ended.signal,
  });
}
