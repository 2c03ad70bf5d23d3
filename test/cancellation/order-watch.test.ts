import { afterEach, beforeEach, expect, it } from "vitest";
import type { OrderStates } from "../../src/cancellation/order-states.ts";
import { type OrderWatch, watchOrders } from "../../src/cancellation/order-watch.ts";
import type { Cancellation, OrderKey } from "../../src/domain/cancellation.ts";
import type { ServiceEvent } from "../../src/domain/events.ts";
import type { Change } from "../../src/domain/ledger.ts";
import { recordOf } from "../support/records.ts";

/** The records by order id. */
let records: Map<string, Cancellation>;
/** The ids of each read so far. */
let reads: string[][];
/** Each read waits for it, and fails if it rejects. */
let gate: Promise<void>;
let events: ServiceEvent[];
let announce: (key: OrderKey, change: Change, settled?: Cancellation) => void;
let gap: () => void;
let orderWatch: OrderWatch;

beforeEach(() => {
  records = new Map();
  reads = [];
  gate = Promise.resolve();
  events = [];
  orderWatch = start();
});
afterEach(() => orderWatch[Symbol.asyncDispose]());

it("the state now comes first, also that nobody has asked; the stream ends when all orders are settled", async () => {
  const states = watch("1", "2");
  expect(await next(states)).toEqual(["1", undefined]);
  expect(await next(states)).toEqual(["2", undefined]);
  change("1", "CANCELLED");
  expect(await next(states)).toEqual(["1", "CANCELLED"]);
  change("2", "PENDING");
  expect(await next(states)).toEqual(["2", "PENDING"]);
  change("2", "REJECTED");
  expect(await next(states)).toEqual(["2", "REJECTED"]);
  expect(await states.next()).toEqual({ done: true, value: undefined });
});

it("a stream over settled orders, or over none, ends after their states", async () => {
  records.set("1", recordOf("1", "UNCONFIRMED"));
  const states = watch("1");
  expect(await next(states)).toEqual(["1", "UNCONFIRMED"]);
  expect((await states.next()).done).toBe(true);
  expect((await watch().next()).done).toBe(true);
});

it("an order that is asked for again is not settled", async () => {
  records.set("1", recordOf("1", "REJECTED"));
  const states = watch("1", "2");
  await next(states);
  await next(states);
  change("1", "PENDING");
  change("2", "REJECTED");
  expect(await next(states)).toEqual(["1", "PENDING"]);
  expect(await next(states)).toEqual(["2", "REJECTED"]);
  change("1", "CANCELLED");
  expect(await next(states)).toEqual(["1", "CANCELLED"]);
  expect((await states.next()).done).toBe(true);
});

it("one read serves 1,000 streams, and as many orders as change together", async () => {
  const all = Array.from({ length: 1000 }, () => watch("1", "2"));
  for (const states of all) await Promise.all([next(states), next(states)]);
  expect(reads).toEqual([["1", "2"]]);
  change("2", "PENDING");
  change("1", "PENDING");
  const got = await Promise.all(all.map(async (states) => [await next(states), await next(states)]));
  expect(reads.slice(1)).toEqual([["2", "1"]]);
  expect(new Set(got.map((each) => JSON.stringify(each.toSorted()))).size).toBe(1);
});

it("a stream that takes nothing for 10,000 changes gets the newest state alone", async () => {
  const [slow, quick] = [watch("1"), watch("1")];
  for (let attempts = 0; attempts < 10_000; attempts += 1) {
    records.set("1", recordOf("1", "PENDING", attempts));
    announce({ provider: "ONRAMP", orderId: "1" }, "sent");
    await quick.next();
  }
  const { value } = await slow.next();
  expect(value?.record?.attempts).toBe(9999);
  change("1", "CANCELLED");
  expect(await next(slow)).toEqual(["1", "CANCELLED"]);
});

it("changes during a read are read once more, together", async () => {
  const states = watch("1");
  await next(states);
  const open = hold();
  change("1", "PENDING");
  await expect.poll(() => reads.length).toBe(2);
  for (let each = 0; each < 50; each += 1) change("1", "PENDING", each);
  open();
  await next(states);
  expect((await states.next()).value?.record?.attempts).toBe(49);
  expect(reads).toHaveLength(3);
});

it("a stream gets no state that was read before it was opened", async () => {
  records.set("1", recordOf("1", "REJECTED"));
  const open = hold();
  const early = watch("1");
  await expect.poll(() => reads.length).toBe(1);
  const late = watch("1");
  records.set("1", recordOf("1", "PENDING"));
  open();
  expect(await next(early)).toEqual(["1", "REJECTED"]);
  expect(await next(late)).toEqual(["1", "PENDING"]);
  expect(reads).toHaveLength(2);
});

it("a state that is the same as the last one is not sent again", async () => {
  records.set("1", recordOf("1", "PENDING"));
  const states = watch("1");
  await next(states);
  records.set("1", { ...recordOf("1", "PENDING"), nextAttemptInMs: 7 });
  announce({ provider: "ONRAMP", orderId: "1" }, "written");
  await expect.poll(() => reads.length).toBe(2);
  change("1", "CANCELLED");
  expect(await next(states)).toEqual(["1", "CANCELLED"]);
});

it("while the ledger cannot be read nothing is sent, and then the true state", async () => {
  const states = watch("1");
  await next(states);
  gate = Promise.reject(new Error("no database"));
  gate.catch(() => {});
  change("1", "PENDING");
  await expect.poll(() => events.length).toBeGreaterThan(1);
  change("1", "CANCELLED");
  gate = Promise.resolve();
  expect(await next(states)).toEqual(["1", "CANCELLED"]);
  expect(events[0]).toMatchObject({ event: "watch-failed", orders: 1 });
});

it("after a gap in the notifications, everything that is watched is read again", async () => {
  const states = watch("1", "2");
  await Promise.all([next(states), next(states)]);
  records.set("2", recordOf("2", "PENDING"));
  gap();
  expect(await next(states)).toEqual(["2", "PENDING"]);
  expect(reads.at(-1)).toEqual(["1", "2"]);
});

it("a notification that got lost is made up for by reading again from time to time", async () => {
  orderWatch[Symbol.asyncDispose]();
  orderWatch = start(5);
  const states = watch("1");
  await next(states);
  records.set("1", recordOf("1", "CANCELLED"));
  expect(await next(states)).toEqual(["1", "CANCELLED"]);
});

it("more orders than one read can hold are read in several", async () => {
  const states = watch(...Array.from({ length: 4500 }, (_, index) => `${index}`));
  for (let each = 0; each < 4500; each += 1) await next(states);
  expect(reads.map(({ length }) => length)).toEqual([2000, 2000, 500]);
});

it("what this instance settled is told without a read, unless the order is being read or was asked for again", async () => {
  const settle = (requestedAt: number) => {
    records.set("1", { ...recordOf("1", "CANCELLED"), requestedAt });
    announce({ provider: "ONRAMP", orderId: "1" }, "written", records.get("1"));
  };
  records.set("1", recordOf("1", "PENDING"));
  const states = watch("1", "2");
  await Promise.all([next(states), next(states)]);
  settle(1);
  expect(await next(states)).toEqual(["1", "CANCELLED"]);
  expect(reads).toHaveLength(1);

  change("1", "PENDING");
  expect(await next(states)).toEqual(["1", "PENDING"]);
  settle(7);
  expect(await next(states)).toEqual(["1", "CANCELLED"]);
  expect(reads).toHaveLength(3);

  change("1", "PENDING");
  const open = hold();
  await expect.poll(() => reads.length).toBe(4);
  settle(1);
  open();
  expect(await next(states)).toEqual(["1", "PENDING"]);
  expect(await next(states)).toEqual(["1", "CANCELLED"]);
  expect(reads).toHaveLength(5);
});

it("a stream that ended while it waited tells so, and its orders are read no more", async () => {
  const [one, other] = [watch("1"), watch("1", "2")];
  await Promise.all([next(one), next(other), next(other)]);
  const waiting = other.next();
  await other.return();
  expect((await waiting).done).toBe(true);
  gap();
  await expect.poll(() => reads.length).toBe(2);
  expect(reads.at(-1)).toEqual(["1"]);
});

function start(readAgainMs = 1_000_000): OrderWatch {
  return watchOrders({
    ledger: {
      read: async (keys) => {
        reads.push(keys.map(({ orderId }) => orderId));
        const found = keys.map(({ orderId }) => records.get(orderId));
        await gate;
        return found;
      },
      onChange: (listener) => {
        announce = listener;
        return () => {};
      },
      onGap: (listener) => {
        gap = listener;
        return () => {};
      },
      readAgainMs: () => Number.POSITIVE_INFINITY,
    },
    readAgainMs,
    emit: (event) => events.push(event),
  });
}

/** Reads begin, and do not end before the returned function is called. */
function hold(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  gate = promise;
  return resolve;
}

function watch(...ids: string[]): OrderStates {
  return orderWatch.watch(ids.map((orderId) => ({ provider: "ONRAMP", orderId })));
}

function change(orderId: string, status: Cancellation["status"], attempts = 0): void {
  records.set(orderId, recordOf(orderId, status, attempts));
  announce({ provider: "ONRAMP", orderId }, "written");
}

async function next(states: OrderStates): Promise<[orderId: string | undefined, status: string | undefined]> {
  const { value } = await states.next();
  return [value?.key.orderId, value?.record?.status];
}
