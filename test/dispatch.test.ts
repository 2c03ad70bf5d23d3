import { afterEach, describe, expect, it, vi } from "vitest";
import { type Cancellations, startCancellations } from "../src/cancellation/cancellations.ts";
import { systemClock } from "../src/domain/clock.ts";
import type { Ledger } from "../src/domain/ledger.ts";
import type { Outcome } from "../src/domain/outcome.ts";
import { batchRefused, type ProviderClient } from "../src/domain/provider.ts";
import { openLedger } from "../src/ledger/open.ts";

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
    const [record] = await cancellations.cancel(provider, ["a"], null);
    expect(record).toMatchObject({ status: "CANCELLED", attempts: 1 });
    expect(write).toHaveBeenCalledTimes(3);
  });

  it("a mutation whose records cannot be read again answers what it knows, in time", async () => {
    const { cancellations, ledger } = await start({ cancel: never }, { waitMs: 200 });
    vi.spyOn(ledger, "read").mockImplementation(never);
    const [record] = await cancellations.cancel(provider, ["a"], null);
    expect(record).toMatchObject({ status: "PENDING", orderId: "a" });
  });

  it("a batch refused as a whole: what becomes of one half is nothing to the other", async () => {
    const { cancellations, ledger } = await start({
      cancel: async (ids) => (ids.length > 1 ? batchRefused : ids.map(cancelled)),
    });
    const takeSlot = ledger.takeSlot;
    let slots = 0;
    vi.spyOn(ledger, "takeSlot").mockImplementation(async (...slot) => {
      slots += 1;
      if (slots === 3) throw new Error("away");
      return takeSlot(...slot);
    });
    const records = await cancellations.cancel(provider, ["a", "b"], null);
    expect(records.map(({ status }) => status)).toEqual(["CANCELLED", "CANCELLED"]);
    expect(records.map(({ problem }) => problem)).toEqual([null, null]);
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
    const [record] = await cancellations.cancel(provider, ["a"], null);
    expect(record).toMatchObject({ status: "CANCELLED", attempts: 1 });
  });

  it("an outcome too few is unknown", async () => {
    const { cancellations } = await start({ cancel: async () => [cancelled()] }, { waitMs: 100 });
    const records = await cancellations.cancel(provider, ["a", "b"], null);
    expect(records.map(({ status }) => status)).toEqual(["CANCELLED", "UNCONFIRMED"]);
  });
});

describe("stop", () => {
  it("waits for what the background loop has on the wire", async () => {
    const arrived = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Outcome[]>();
    const client: ProviderClient = {
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

  it("hands back what only waits for its turn", async () => {
    const { cancellations, ledger } = await start({ cancel: never }, { waitMs: 100 });
    await cancellations.cancel(provider, ["a"], null);
    await cancellations.cancel(provider, ["b"], null);
    await cancellations.stop(50);
    const [a, b] = await ledger.read(["a", "b"].map((orderId) => ({ provider, orderId })));
    expect(a).toMatchObject({ status: "PENDING", attempts: 1 });
    expect(b).toMatchObject({ status: "PENDING", attempts: 0, nextAttemptAt: expect.any(Number) });
  });
});

async function start(
  client: ProviderClient,
  { ledger, waitMs = 10_000 }: { ledger?: Ledger; waitMs?: number } = {},
): Promise<{ cancellations: Cancellations; ledger: Ledger }> {
  const book = ledger ?? (await openLedger({ kind: "sqlite", path: ":memory:" }, systemClock, { leaseMs: 5000 }));
  const baseUrl = new URL("http://127.0.0.1");
  const setup = { baseUrl, testHosts: [], maxBatchSize: 100, minIntervalMs: 10, concurrency: 1, secrets: [] };
  const cancellations = startCancellations({
    ledger: book,
    providers: [{ name: provider, setup, client, paused: false }],
    policy: { retryDelaysMs: [20], giveUpAfterMs: 60_000, lookupDelaysMs: [20, 20] },
    ...{ waitMs, leaseMs: 5000, exchangeMs: 5000, clock: systemClock, random: Math.random },
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  closing.push(book.close, () => cancellations.stop(0));
  return { cancellations, ledger: book };
}

function cancelled(): Outcome {
  return { kind: "cancelled" };
}

function never(): Promise<never> {
  return new Promise(() => {});
}
