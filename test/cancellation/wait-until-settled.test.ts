import { beforeEach, expect, it } from "vitest";
import { watchChanges } from "../../src/cancellation/changes.ts";
import { waitUntilSettled } from "../../src/cancellation/wait-until-settled.ts";
import type { Cancellation, OrderKey } from "../../src/domain/cancellation.ts";
import type { Change } from "../../src/domain/ledger.ts";
import { claimOf } from "../support/claims.ts";

/** One mutation that waits for its orders, over a ledger whose changes the test announces. */
const waitMs = 60_000;
let announce: (key: OrderKey, change: Change, settled?: Cancellation) => void;
let changes: ReturnType<ReturnType<typeof watchChanges>["begin"]>;
let inLedger: Cancellation;
let reads: number;
let now: number;
let ending: AbortController;
let endsAt: number;

const opened = claimOf({ orderId: "a", requestedAt: 1000 });
const cancelled = { ...opened, status: "CANCELLED", settledAt: 1500 } as const;

beforeEach(() => {
  [inLedger, reads, now] = [opened, 0, 0];
  [ending, endsAt] = [new AbortController(), Number.POSITIVE_INFINITY];
  const watch = watchChanges({
    onChange: (listener) => {
      announce = listener;
      return () => {};
    },
  });
  changes = watch.begin([opened]);
});

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

it("how the cancel before this one ended is no answer: the order was opened again", async () => {
  announce(opened, "written", { ...opened, status: "REJECTED", requestedAt: 10, settledAt: 999 });
  const answer = wait();
  await expect.poll(() => reads).toBe(1);
  announce(opened, "written", cancelled);
  expect(await answer).toEqual([cancelled]);
});

it("what is known when the time is over is answered, also if there is no time to read", async () => {
  const answer = wait();
  announce(opened, "written", cancelled);
  now = waitMs;
  expect(await answer).toEqual([cancelled]);
});

it("a stop while no request for the order is under way is answered at once, without a read", async () => {
  const waiting = { ...opened, nextAttemptInMs: 20 };
  const answer = wait(waiting);
  ending.abort();
  expect(await answer).toEqual([waiting]);
  expect(reads).toBe(0);
});

it("a stop while the order's request is under way shortens the wait, and what comes of it in time is answered", async () => {
  const answer = wait();
  endsAt = 6000;
  ending.abort();
  announce(opened, "written", cancelled);
  expect(await answer).toEqual([cancelled]);
});

it("a stop while the request of an order that was due at first is under way shortens the wait, too", async () => {
  const answer = wait({ ...opened, nextAttemptInMs: 0 });
  endsAt = 6000;
  ending.abort();
  await expect.poll(() => reads).toBe(1);
  announce(opened, "written", cancelled);
  expect(await answer).toEqual([cancelled]);
});

it("a stop ends the wait for an order whose request takes longer than the stop may", async () => {
  const answer = wait();
  endsAt = 6000;
  ending.abort();
  now = 6000;
  expect(await answer).toEqual([opened]);
});

function wait(record: Cancellation = opened): Promise<Cancellation[]> {
  return waitUntilSettled([record], [opened], {
    deadline: waitMs,
    mayChange: () => true,
    changes,
    ledger: {
      readAgainMs: () => Number.POSITIVE_INFINITY,
      read: async () => {
        reads += 1;
        return [inLedger];
      },
    },
    elapsed: () => now,
    ending: ending.signal,
    endsAt: () => endsAt,
  });
}
