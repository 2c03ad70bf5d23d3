import { expect, it } from "vitest";
import { startRetention } from "../../src/cancellation/retention.ts";
import { systemClock } from "../../src/domain/clock.ts";
import type { ServiceEvent } from "../../src/domain/events.ts";

const { elapsed } = systemClock;

/** A ledger that has this many old records, in the order of the calls. */
function start(batches: (number | Error)[]) {
  const events: ServiceEvent[] = [];
  const calls: unknown[] = [];
  const deleteSettled = async (options: unknown) => {
    calls.push(options);
    const batch = batches.shift() ?? 0;
    if (batch instanceof Error) throw batch;
    return batch;
  };
  const emit = (event: ServiceEvent) => void events.push(event);
  const retention = startRetention({ ledger: { deleteSettled }, maxAgeMs: 7, everyMs: 5, elapsed, emit });
  return { retention, events, calls };
}

it("deletes full batches one after another, counts each, and tells the sum", async () => {
  const { retention, events, calls } = start([100, 100, 42]);
  await expect.poll(() => events.find(({ event }) => event === "deleted")).toEqual({ event: "deleted", records: 242 });
  await retention[Symbol.asyncDispose]();
  expect(calls.slice(0, 3)).toEqual([1, 2, 3].map(() => ({ olderThanMs: 7, limit: 100 })));
  const counted = events.filter(({ event }) => event === "batch-deleted");
  expect(counted.slice(0, 3)).toEqual([100, 100, 42].map((records) => ({ event: "batch-deleted", records })));
});

it("goes on after the database was away, and says that it was", async () => {
  const { retention, events } = start([new Error("away"), 3]);
  await expect.poll(() => events.map(({ event }) => event)).toContain("deleted");
  await retention[Symbol.asyncDispose]();
  expect(events[0]).toMatchObject({ event: "delete-failed" });
});

it("says nothing if there is nothing to delete, and asks nothing once it is stopped", async () => {
  const { retention, events, calls } = start([]);
  await expect.poll(() => calls.length).toBeGreaterThan(1);
  await retention[Symbol.asyncDispose]();
  const asked = calls.length;
  for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
  expect(calls).toHaveLength(asked);
  expect(events.map(({ event }) => event)).not.toContain("deleted");
});
