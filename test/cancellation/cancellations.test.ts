import { afterEach, describe, expect, it, vi } from "vitest";
import { type Cancellations, startCancellations } from "../../src/cancellation/cancellations.ts";
import { watchOrders } from "../../src/cancellation/order-watch.ts";
import type { Claim } from "../../src/domain/cancellation.ts";
import { type Clock, systemClock } from "../../src/domain/clock.ts";
import type { ServiceEvent } from "../../src/domain/events.ts";
import type { Ledger } from "../../src/domain/ledger.ts";
import type { LookupResult, Outcome } from "../../src/domain/outcome.ts";
import type { ProviderSetup } from "../../src/domain/provider.ts";
import { openLedger } from "../../src/ledger/open.ts";
import { createAlarm } from "../../src/util/alarm.ts";
import { type BatchAnswers, batchClient } from "../support/batch-client.ts";
import { createTestClock } from "../support/clock.ts";
import { ordersOf } from "../support/records.ts";

/** The use case over a real ledger in memory and a client that does as it is told. */
const provider = "TRONSAVE";
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe("when things go wrong between us and the ledger", () => {
  it("an answer in hand is written once the database is back", async () => {
    const { cancellations, ledger } = await start({ cancel: async (ids) => ids.map(cancelled) });
    const write = vi
      .spyOn(ledger, "write")
      .mockRejectedValueOnce(new Error("away"))
      .mockRejectedValueOnce(new Error("away"));
    const [record] = await cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
    expect(record).toMatchObject({ status: "CANCELLED", attempts: 1 });
    expect(write).toHaveBeenCalledTimes(3);
  });

  it("a mutation whose records cannot be read again answers what it knows, in time", async () => {
    const { cancellations, ledger } = await start({ cancel: never }, { waitMs: 2000 });
    vi.spyOn(ledger, "read").mockImplementation(never);
    const [record] = await cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
    expect(record).toMatchObject({ status: "PENDING", orderId: "a" });
  });

  it("after a batch was refused as a whole, its halves succeed and fail independently", async () => {
    const { cancellations, ledger } = await start({
      cancel: async (ids) => (ids.length > 1 ? "batchRefused" : ids.map(cancelled)),
    });
    const takeSlot = ledger.takeSlot;
    let slots = 0;
    vi.spyOn(ledger, "takeSlot").mockImplementation(async (...slot) => {
      slots += 1;
      if (slots === 3) throw new Error("away");
      return takeSlot(...slot);
    });
    const records = await cancellations.cancel(ordersOf(provider, ["a", "b"]), { requestedBy: null });
    expect(records.map(({ status }) => status)).toEqual(["CANCELLED", "CANCELLED"]);
    expect(records.map(({ problem }) => problem)).toEqual([null, null]);
  });

  it("an answer outlives an outage that is longer than the lease: it is written, and nothing is sent again", async () => {
    const clock = createTestClock();
    const client = counting({ cancel: async (ids) => ids.map(cancelled), lookup: async (ids) => ids.map(unclear) });
    const ledger = await openLedger({ kind: "sqlite", path: ":memory:" }, clock, { leaseMs: 5000 });
    const { cancellations } = await start(client, { ledger, clock });
    let away = true;
    const reallyWrite = ledger.write;
    const write = vi.spyOn(ledger, "write").mockImplementation(failingWhile(() => away, reallyWrite));
    const nextDue = vi.spyOn(ledger, "nextDue");
    const asking = cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
    await expect.poll(() => write.mock.calls.length).toBeGreaterThan(0);
    // Past the time for which claiming waits for what is to be written, and past the lease.
    clock.pass(60_000);
    await expect.poll(() => nextDue.mock.calls.length).toBeGreaterThan(2);
    clock.pass(60_000);
    await expect.poll(() => nextDue.mock.calls.length).toBeGreaterThan(4);
    away = false;
    await expect
      .poll(() => ledger.read([{ provider, orderId: "a" }]))
      .toMatchObject([{ status: "CANCELLED", attempts: 1 }]);
    expect(client.sent()).toBe(1);
    await asking;
  });

  it("a failing write is not counted; a record that somebody else has taken over is not settled by us", async () => {
    const { cancellations, ledger, lines } = await start(
      { cancel: async (ids) => ids.map(cancelled) },
      { waitMs: 1500 },
    );
    vi.spyOn(ledger, "write").mockRejectedValueOnce(new Error("away")).mockResolvedValueOnce([]);
    await cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
    await expect.poll(() => lines).toContainEqual({ provider, event: "taken-over", orders: 1 });
    expect(lines.filter(({ event }) => event === "settled")).toEqual([]);
  });

  it("what was committed although its answer got lost is counted once, and nobody is said to have taken it over", async () => {
    const { cancellations, ledger, lines } = await start({ cancel: async (ids) => ids.map(cancelled) });
    const reallyWrite = ledger.write;
    vi.spyOn(ledger, "write").mockImplementationOnce(async (steps) => {
      await reallyWrite(steps);
      throw new Error("the answer to the commit was lost");
    });
    const [record] = await cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
    expect(record?.status).toBe("CANCELLED");
    await expect.poll(() => lines.filter(({ event }) => event === "settled")).toHaveLength(1);
    expect(lines.map(({ event }) => event)).not.toContain("taken-over");
  });

  it("a mark that was committed although its answer got lost: nothing was sent, so nothing is in doubt", async () => {
    const { cancellations, ledger } = await start({ cancel: async (ids) => ids.map(cancelled) });
    const reallyMark = ledger.markSent;
    vi.spyOn(ledger, "markSent").mockImplementationOnce(async (claims) => {
      await reallyMark(claims);
      throw new Error("the answer to the commit was lost");
    });
    // Without look-ups, doubt ends as UNCONFIRMED.
    const [record] = await cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
    expect(record).toMatchObject({ status: "CANCELLED", attempts: 1 });
  });

  it("marking that fails while all else works is tried once a second, and gives nothing up", async () => {
    const { cancellations, ledger } = await start({ cancel: never }, { waitMs: 2500 });
    const marks = vi.spyOn(ledger, "markSent").mockRejectedValue(new Error("could not extend file"));
    const [record] = await cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
    expect(record).toMatchObject({ status: "PENDING", problem: null });
    expect(marks.mock.calls.length).toBeLessThan(10);
  });

  it("nothing leaves after a freeze between marking and sending: the lease may be over", async () => {
    const clock = createTestClock();
    const client = counting({ cancel: async (ids) => ids.map(cancelled) });
    const ledger = await openLedger({ kind: "sqlite", path: ":memory:" }, clock, { leaseMs: 60_000 });
    const { cancellations } = await start(client, { ledger, clock });
    const reallyMark = ledger.markSent;
    vi.spyOn(ledger, "markSent").mockImplementationOnce(async (claims) => {
      const marked = await reallyMark(claims);
      clock.pass(2001);
      return marked;
    });
    const asking = cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
    await expect
      .poll(() => ledger.read([{ provider, orderId: "a" }]))
      .toMatchObject([{ nextAttemptInMs: 1000, attempts: 0 }]);
    expect(client.sent()).toBe(0);
    clock.pass(1000);
    expect(await asking).toMatchObject([{ status: "CANCELLED", attempts: 1 }]);
  });

  it("a slot that cannot be given back costs no answer", async () => {
    const { cancellations, ledger } = await start({ cancel: async (ids) => ids.map(cancelled) });
    vi.spyOn(ledger, "releaseSlot").mockRejectedValue(new Error("away"));
    const [record] = await cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
    expect(record).toMatchObject({ status: "CANCELLED", attempts: 1 });
  });

  it("a request that cannot be recorded in time is an error then, and is worked on if it was recorded after all", async () => {
    const { cancellations, ledger } = await start({ cancel: async (ids) => ids.map(cancelled) }, { waitMs: 50 });
    const free = Promise.withResolvers<void>();
    const open = ledger.open;
    vi.spyOn(ledger, "open").mockImplementationOnce(async (orders) => {
      await free.promise;
      return open(orders);
    });
    await expect(cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null })).rejects.toThrow(
      "did not record the request in time",
    );
    free.resolve();
    await expect.poll(() => ledger.read([{ provider, orderId: "a" }])).toMatchObject([{ status: "CANCELLED" }]);
  });

  it("a request that cannot be recorded leaves room for the next ones", async () => {
    const setup = { minIntervalMs: null, maxBatchSize: 1, concurrency: 4 };
    const { cancellations, ledger } = await start({ cancel: async (ids) => ids.map(cancelled) }, { setup });
    const claims = vi.spyOn(ledger, "open").mockRejectedValueOnce(new Error("away"));
    await expect(cancellations.cancel(ordersOf(provider, ids(5)), { requestedBy: null })).rejects.toThrow("away");
    await cancellations.cancel(ordersOf(provider, ids(5)), { requestedBy: null });
    expect(claims.mock.calls.flat().map(({ claim }) => claim)).toEqual([4, 4]);
  });
});

describe("however many orders are asked for", () => {
  it("this process holds no more than it can send soon; the rest waits in the ledger, and everything is done", async () => {
    const { cancellations, ledger } = await start({ cancel: async (ids) => ids.map(cancelled) }, { waitMs: 60_000 });
    const held = heldAtOnce(ledger);
    const records = await cancellations.cancel(ordersOf(provider, ids(1500)), { requestedBy: null });
    expect(new Set(records.map(({ status }) => status))).toEqual(new Set(["CANCELLED"]));
    expect(held()).toBeLessThanOrEqual(300);
  });

  it("a stop hands back in one statement, however much was asked for", async () => {
    const client = counting({ cancel: never });
    const { cancellations, ledger } = await start(client, { waitMs: 600_000 });
    const release = vi.spyOn(ledger, "release");
    const asking = cancellations.cancel(ordersOf(provider, ids(1500)), { requestedBy: null });
    await expect.poll(client.sent).toBe(1);
    await cancellations.stop(50);
    await asking;
    // Those that wait for their turn, and those under way.
    expect(release.mock.calls.length).toBeLessThanOrEqual(2);
    const records = await ledger.read(ids(1500).map((orderId) => ({ provider, orderId })));
    expect(records.every((record) => record?.nextAttemptAt !== null)).toBe(true);
  });
});

describe("a batch that is refused as a whole", () => {
  it("a batch refused as a whole is watched from then on, although its orders were in doubt before: what it did may take effect late", async () => {
    const { cancellations, ledger } = await start({
      cancel: async (ids) => (ids.length > 1 ? "batchRefused" : ids.map(refused)),
      lookup: async (ids) => ids.map(() => ({ kind: "open" })),
    });
    const { claims } = await ledger.open({ provider, orderIds: ["a", "b"], requestedBy: null, claim: 2 });
    const { nextAction, retries } = claims[0] as Claim;
    const old = { status: "PENDING", problem: null, nextAction, delayMs: 0, retries } as const;
    const inDoubt = { ...old, inDoubt: true, lookups: 2, watchedMs: 60_000, maxBatch: null };
    await ledger.write(claims.map((claim) => ({ claim, progress: inDoubt, attempts: 1, event: null })));
    const records = await cancellations.cancel(ordersOf(provider, ["a", "b"]), { requestedBy: null });
    expect(records.map(({ status }) => status)).toEqual(["PENDING", "PENDING"]);
  });

  it("after a batch was refused as a whole, a refusal of one order is looked up, not believed: the batch may have been acted on in part", async () => {
    const acted = new Set<string>();
    const { cancellations, ledger } = await start({
      cancel: async (ids) => {
        if (ids.length === 1) return ids.map((id) => (id === "a" ? refused() : cancelled()));
        acted.add("a");
        return "batchRefused";
      },
      lookup: async (ids) => ids.map((id) => (acted.has(id) ? { kind: "cancelled" } : { kind: "open" })),
    });
    const records = await cancellations.cancel(ordersOf(provider, ["a", "b"]), { requestedBy: null });
    expect(records.map(({ status }) => status)).toEqual(["CANCELLED", "CANCELLED"]);
    const [events = []] = await ledger.history([records[0]?.id ?? 0], 100);
    expect(events.map(({ kind }) => kind)).toContain("LOOKED_UP");
  });

  it("a batch refused as a whole stays in doubt if its halves cannot be sent any more", async () => {
    const refusals = Promise.withResolvers<"batchRefused">();
    const client = counting({ cancel: () => refusals.promise });
    const { cancellations, ledger } = await start(client);
    const asking = cancellations.cancel(ordersOf(provider, ["a", "b"]), { requestedBy: null });
    await expect.poll(client.sent).toBe(1);
    const stopped = cancellations.stop(5000);
    refusals.resolve("batchRefused");
    await stopped;
    await asking;
    const due = { limit: 10, held: [], takeOver: true };
    await expect.poll(() => ledger.claimDue(provider, due)).toMatchObject([{ inDoubt: true }, { inDoubt: true }]);
  });

  it("a look-up that is refused as a whole is made again in halves", async () => {
    const lookups: number[] = [];
    const { cancellations } = await start({
      cancel: async (ids) => ids.map(() => ({ kind: "unknown" })),
      lookup: async (ids) => {
        lookups.push(ids.length);
        return ids.length > 1 ? "batchRefused" : ids.map(() => ({ kind: "cancelled" }));
      },
    });
    const records = await cancellations.cancel(ordersOf(provider, ["a", "b"]), { requestedBy: null });
    expect(records.map(({ status }) => status)).toEqual(["CANCELLED", "CANCELLED"]);
    expect(lookups).toEqual([2, 1, 1]);
  });
});

describe("what failed", () => {
  it("what failed is told in the history", async () => {
    const { cancellations, ledger } = await start({
      cancel: async (ids) => ids.map(() => ({ kind: "unknown", failure: "TLS" })),
      lookup: async (ids) => ids.map(() => ({ kind: "cancelled", httpStatus: 200 })),
    });
    const [record] = await cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
    const [events = []] = await ledger.history([record?.id ?? 0], 100);
    expect(events.map(({ kind, failure, httpStatus }) => [kind, failure, httpStatus])).toEqual([
      ["REQUESTED", null, null],
      ["SENT", null, null],
      ["ATTEMPT_ENDED", "TLS", null],
      ["LOOKED_UP", null, 200],
      ["SETTLED", null, null],
    ]);
  });

  it("an id that cannot be is refused with the reason, and never sent", async () => {
    const client = counting({ cancel: async (ids) => ids.map(cancelled), invalidId: () => "it holds a slash" });
    const { cancellations } = await start(client);
    const [record] = await cancellations.cancel(ordersOf(provider, ["a/b"]), { requestedBy: null });
    expect(record).toMatchObject({
      status: "REJECTED",
      problem: { code: "INVALID_ORDER_ID", providerMessage: "it holds a slash" },
      attempts: 0,
    });
    expect(client.sent()).toBe(0);
  });
});

describe("when the client breaks its word", () => {
  it("a client that throws has told nothing: unknown, then looked up", async () => {
    const { cancellations } = await start({
      cancel: async () => {
        throw new Error("a bug");
      },
      lookup: async (ids) => ids.map(() => ({ kind: "cancelled" })),
    });
    const [record] = await cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
    expect(record).toMatchObject({ status: "CANCELLED", attempts: 1 });
  });

  it("if a client throws for one order of a request, only that order is unknown", async () => {
    const { cancellations } = await start({
      cancel: async (ids) => ids.map((id) => (id === "b" ? (new Error("a bug") as never) : cancelled())),
    });
    const records = await cancellations.cancel(ordersOf(provider, ["a", "b"]), { requestedBy: null });
    expect(records.map(({ status }) => status)).toEqual(["CANCELLED", "UNCONFIRMED"]);
  });
});

describe("a clock that is wrong", () => {
  it("the clock is set back by an hour while the loop has all it has room for: the slot is free an interval later", async () => {
    const clock = steppingClock();
    const ledger = await openLedger({ kind: "sqlite", path: ":memory:" }, clock, { leaseMs: 30_000 });
    await ledger.open({ provider, orderIds: ids(250), requestedBy: null, claim: 0 });
    const client = counting({
      cancel: async (ids) => {
        if (client.sent() === 1) clock.step(-3_600_000);
        return ids.map(cancelled);
      },
    });
    await start(client, { ledger, clock });
    await expect.poll(client.sent).toBe(3);
  });

  it.each([-3_600_000, -20_000, 5000, 3_600_000])(
    "stepping by %d ms while a provider wants a pause: all goes on",
    async (stepMs) => {
      const clock = steppingClock();
      const ledger = await openLedger({ kind: "sqlite", path: ":memory:" }, clock, { leaseMs: 5000 });
      let asked = 0;
      const client: BatchAnswers = {
        cancel: async (ids) => {
          asked += 1;
          if (asked > 1) return ids.map(cancelled);
          clock.step(stepMs);
          return ids.map(() => ({ kind: "notProcessed", code: "PROVIDER_BUSY", retryAfterMs: 200 }));
        },
      };
      const { cancellations } = await start(client, { ledger, clock });
      const [record] = await cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
      expect(record).toMatchObject({ status: "CANCELLED", attempts: 2 });
    },
  );

  it("a mutation is answered in time although the clock is set back while it waits", async () => {
    const clock = steppingClock();
    const ledger = await openLedger({ kind: "sqlite", path: ":memory:" }, clock, { leaseMs: 5000 });
    const { cancellations } = await start({ cancel: never }, { ledger, clock, waitMs: 2000 });
    const asking = cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
    clock.step(-3_600_000);
    expect(await asking).toMatchObject([{ status: "PENDING" }]);
  });
});

describe("stop", () => {
  it("a stop renews the order of a request under way until it is answered", async () => {
    const answer = Promise.withResolvers<Outcome[]>();
    const client = counting({ cancel: () => answer.promise });
    const { cancellations, ledger } = await start(client, { leaseMs: 60 });
    const renew = vi.spyOn(ledger, "renew");
    const asking = cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
    await expect.poll(client.sent).toBe(1);
    const stopped = cancellations.stop(10_000);
    renew.mockClear();
    await expect.poll(() => renew.mock.calls.filter(([claims]) => claims.length === 1).length).toBeGreaterThan(2);
    answer.resolve([cancelled()]);
    await Promise.all([asking, stopped]);
    expect(await ledger.read([{ provider, orderId: "a" }])).toMatchObject([{ status: "CANCELLED", attempts: 1 }]);
  });

  it("a stop writes an answer in hand if the database is back by the end", async () => {
    const { cancellations, ledger } = await start({ cancel: async (ids) => ids.map(cancelled) });
    let away = true;
    const reallyWrite = ledger.write;
    const write = vi.spyOn(ledger, "write").mockImplementation(failingWhile(() => away, reallyWrite));
    const asking = cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
    await expect.poll(() => write.mock.calls.length).toBe(3);
    away = false;
    await cancellations.stop(50);
    await asking;
    expect(await ledger.read([{ provider, orderId: "a" }])).toMatchObject([{ status: "CANCELLED" }]);
  });

  it("a stop ends although the database is away, also if it does not even say so", async () => {
    const client = counting({ cancel: never });
    const { cancellations, ledger } = await start(client);
    void cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
    await expect.poll(client.sent).toBe(1);
    vi.spyOn(ledger, "release").mockRejectedValueOnce(new Error("away")).mockImplementation(never);
    await cancellations.stop(20);
  });

  it("a stop waits for the request that the background loop has under way", async () => {
    const arrived = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Outcome[]>();
    const client: BatchAnswers = {
      cancel: () => {
        arrived.resolve();
        return answer.promise;
      },
    };
    const ledger = await openLedger({ kind: "sqlite", path: ":memory:" }, systemClock, { leaseMs: 5000 });
    await ledger.open({ provider, orderIds: ["a"], requestedBy: null, claim: 0 });
    const { cancellations } = await start(client, { ledger });
    await arrived.promise;
    const stopped = cancellations.stop(5000);
    answer.resolve([cancelled()]);
    await stopped;
    expect(await ledger.read([{ provider, orderId: "a" }])).toMatchObject([{ status: "CANCELLED", attempts: 1 }]);
  });

  it.each([false, true])(
    "a mutation that waits for a look-up under way is told at a stop what comes of it (look-ups have a limit of their own: %s)",
    async (ownLookupLimit) => {
      const [arrived, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<LookupResult[]>()];
      const client: BatchAnswers = {
        cancel: async (ids) => ids.map(() => ({ kind: "unknown" })),
        lookup: () => {
          arrived.resolve();
          return answer.promise;
        },
      };
      const { cancellations } = await start(client, { setup: { ownLookupLimit } });
      const asking = cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
      await arrived.promise;
      const stopped = cancellations.stop(10_000);
      answer.resolve([{ kind: "cancelled" }]);
      expect(await asking).toMatchObject([{ status: "CANCELLED" }]);
      await stopped;
    },
  );

  it("a stop hands back what only waits for its turn, and wakes the mutations that wait", async () => {
    const client = counting({ cancel: never });
    const { cancellations, ledger } = await start(client, { waitMs: 600_000 });
    const first = cancellations.cancel(ordersOf(provider, ["a"]), { requestedBy: null });
    await expect.poll(client.sent).toBe(1);
    const second = cancellations.cancel(ordersOf(provider, ["b"]), { requestedBy: null });
    await expect.poll(() => ledger.read([{ provider, orderId: "b" }])).toMatchObject([{ status: "PENDING" }]);
    await cancellations.stop(50);
    await Promise.all([first, second]);
    const [a, b] = await ledger.read(["a", "b"].map((orderId) => ({ provider, orderId })));
    expect(a).toMatchObject({ status: "PENDING", attempts: 1 });
    expect(b).toMatchObject({ status: "PENDING", attempts: 0, nextAttemptAt: expect.any(Number) });
  });
});

async function start(
  client: BatchAnswers,
  options: { ledger?: Ledger; waitMs?: number; clock?: Clock; leaseMs?: number; setup?: Partial<ProviderSetup> } = {},
): Promise<{ cancellations: Cancellations; ledger: Ledger; lines: ServiceEvent[] }> {
  const { waitMs = 10_000, clock = systemClock, leaseMs = 5000 } = options;
  const ledger = options.ledger ?? (await openLedger({ kind: "sqlite", path: ":memory:" }, clock, { leaseMs }));
  const baseUrl = new URL("http://127.0.0.1");
  const batches = { baseUrl, testHosts: [], maxBatchSize: 100, minIntervalMs: 10, concurrency: 1, secrets: [] };
  const setup: ProviderSetup = { ...batches, ...options.setup };
  const lines: ServiceEvent[] = [];
  const note = (line: ServiceEvent) => void lines.push(line);
  const cancellations = startCancellations({
    ledger,
    orderWatch: watchOrders({ ledger, readAgainMs: 60_000, emit: note }),
    providers: [{ name: provider, setup, client: batchClient(client), paused: () => false }],
    policy: { retryDelaysMs: [20], giveUpAfterMs: 60_000, lookupDelaysMs: [20, 20] },
    waitMs,
    leaseMs,
    exchangeMs: 5000,
    alarm: createAlarm(clock.elapsed),
    clock,
    random: Math.random,
    emit: note,
  });
  closing.push(ledger.close, () => cancellations.stop(0));
  return { cancellations, ledger, lines };
}

/** A client that counts its requests to cancel. */
function counting(client: BatchAnswers): BatchAnswers & { sent(): number } {
  let requests = 0;
  return {
    ...client,
    cancel: (orderIds) => {
      requests += 1;
      return client.cancel(orderIds);
    },
    sent: () => requests,
  };
}

/** The real clock, and steps besides. */
function steppingClock(): Clock & { step(ms: number): void } {
  let offsetMs = 0;
  return {
    now: () => systemClock.now() + offsetMs,
    elapsed: systemClock.elapsed,
    step: (ms) => {
      offsetMs += ms;
    },
  };
}

function failingWhile<Args extends unknown[], Result>(away: () => boolean, run: (...args: Args) => Promise<Result>) {
  return async (...args: Args) => {
    if (away()) throw new Error("away");
    return run(...args);
  };
}

/** The most claims that were out at once. */
function heldAtOnce(ledger: Ledger): () => number {
  let out = 0;
  let most = 0;
  const note = (change: number) => {
    out += change;
    most = Math.max(most, out);
  };
  const { open, claimDue, write } = ledger;
  vi.spyOn(ledger, "open").mockImplementation(async (orders) => {
    const opened = await open(orders);
    note(opened.claims.length);
    return opened;
  });
  vi.spyOn(ledger, "claimDue").mockImplementation(async (...ask) => {
    const claims = await claimDue(...ask);
    note(claims.length);
    return claims;
  });
  vi.spyOn(ledger, "write").mockImplementation(async (steps) => {
    const written = await write(steps);
    note(-written.length);
    return written;
  });
  return () => most;
}

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `order ${index}`);
}

function cancelled(): Outcome {
  return { kind: "cancelled" };
}

function refused(): Outcome {
  return { kind: "refused", code: "REFUSED" };
}

function unclear(): LookupResult {
  return { kind: "unclear" };
}

function never(): Promise<never> {
  return new Promise(() => {});
}
