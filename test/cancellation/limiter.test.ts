import { describe, expect, it } from "vitest";
import { concurrencyLimiter } from "../../src/cancellation/sending/concurrency-limiter.ts";
import { createPace, type Permit, slotLimiter } from "../../src/cancellation/sending/limiter.ts";
import { systemClock } from "../../src/domain/clock.ts";
import { createTestClock } from "../support/clock.ts";

const { elapsed } = systemClock;

describe("the limiter of one request at a time", () => {
  it("keeps the interval by the clock of this process, too: a ledger whose clock steps forward frees the slot early", async () => {
    const { limiter } = slot();
    const first = await limiter.acquire();
    const releasedAt = elapsed();
    await first.release(0);
    await limiter.acquire();
    expect(elapsed() - releasedAt).toBeGreaterThanOrEqual(199);
  });

  it("lets no second request go before the first permit is back, whatever the ledger says of the slot", async () => {
    const { limiter } = slot({ intervalMs: 1 });
    const first = await limiter.acquire();
    let second = false;
    const waiting = limiter.acquire().then(() => {
      second = true;
    });
    for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
    expect(second).toBe(false);
    await first.releaseUnused();
    await waiting;
  });

  it("keeps a longer pause that the answer asks for, and tells the ledger", async () => {
    const { limiter, givenBack } = slot();
    const first = await limiter.acquire();
    const releasedAt = elapsed();
    await first.release(300);
    await limiter.acquire();
    expect(elapsed() - releasedAt).toBeGreaterThanOrEqual(299);
    expect(givenBack).toEqual([300]);
  });

  it("keeps no interval after leave that was not used", async () => {
    const { limiter, givenBack } = slot({ intervalMs: 600_000 });
    const first = await limiter.acquire();
    await first.releaseUnused();
    await limiter.acquire();
    expect(givenBack).toEqual([0]);
  });

  it("asks for a lease that covers the sending, the exchange and the interval", async () => {
    const { limiter, leases } = slot({ intervalMs: 2000, exchangeMs: 10_000 });
    await limiter.acquire();
    expect(leases).toEqual([14_000]);
  });

  it("gives two seconds to send", async () => {
    const clock = createTestClock();
    const { limiter } = slot({ elapsed: clock.elapsed });
    const permit = await limiter.acquire();
    clock.pass(2000);
    expect(permit.maySend()).toBe(true);
    clock.pass(1);
    expect(permit.maySend()).toBe(false);
  });

  it("lets nothing be sent once work has ended, also with a permit", async () => {
    const { limiter, ending } = slot();
    const permit = await limiter.acquire();
    ending.abort();
    expect(permit.maySend()).toBe(false);
  });

  it("gives leave to nobody once work has ended, even if the slot is free", async () => {
    const { limiter, ending } = slot();
    ending.abort();
    await expect(limiter.acquire()).rejects.toThrow();
  });

  it("asks again soon while another instance has the slot, and tells how long it was waited for", async () => {
    const { limiter, leases } = slot({ shutTimes: 2 });
    const askedAt = elapsed();
    const { waitMs } = await limiter.acquire();
    const waitedMs = elapsed() - askedAt;
    expect(leases).toHaveLength(3);
    // Twice 50 ms at least.
    expect(waitMs).toBeGreaterThanOrEqual(98);
    expect(waitMs).toBeLessThanOrEqual(Math.ceil(waitedMs));
  });

  it("ends the waits of those who still wait when work ends: for the interval, and for another instance", async () => {
    const interval = slot();
    await (await interval.limiter.acquire()).release(600_000);
    const waiting = interval.limiter.acquire();
    interval.ending.abort();
    await expect(waiting).rejects.toThrow();

    const elsewhere = slot({ shutTimes: Number.POSITIVE_INFINITY, shutMs: 600_000 });
    const polling = elsewhere.limiter.acquire();
    await expect.poll(() => elsewhere.leases.length).toBeGreaterThan(1);
    elsewhere.ending.abort();
    await expect(polling).rejects.toThrow();
  });

  it("serves those who wait in their order, and goes on after the ledger failed one", async () => {
    const { limiter, failNext } = slot({ intervalMs: 1 });
    failNext();
    const answers = await Promise.allSettled([limiter.acquire(), limiter.acquire()]);
    expect(answers).toMatchObject([{ status: "rejected" }, { value: { waitMs: expect.any(Number) } }]);
  });

  it("does not count the time that the ledger takes to answer as a wait for the provider", async () => {
    let nowMs = 0;
    const slow = async () => {
      nowMs += 5000;
    };
    const limiter = slotLimiter({
      ledger: { takeSlot: () => slow().then(() => ({ taken: true as const })), releaseSlot: slow },
      ...{ slot: "P", intervalMs: 0, exchangeMs: 1000, elapsed: () => nowMs },
      signal: new AbortController().signal,
    });
    const first = await limiter.acquire();
    const waiting = limiter.acquire();
    nowMs += 700;
    await first.release(0);
    expect([first.waitMs, (await waiting).waitMs]).toEqual([0, 700]);
  });

  it("of two limiters of one slot, the one that wants it idle goes last, and both keep one request at a time", async () => {
    const pace = createPace();
    const first = slot({ intervalMs: 1, pace });
    const last = slot({ intervalMs: 1, pace, idleMs: 30 });
    const permit = await first.limiter.acquire();
    const order: string[] = [];
    const note = async (name: string, acquired: Promise<Permit>) => {
      const taken = await acquired;
      order.push(name);
      await taken.release(0);
    };
    const all = [note("last", last.limiter.acquire()), note("first", first.limiter.acquire())];
    await permit.release(0);
    await Promise.all(all);
    expect(order).toEqual(["first", "last"]);
    // The ledger of this test gives the slot to whoever asks.
    expect(last.idle).toContain(30);
  });

  function slot({
    intervalMs = 200,
    exchangeMs = 1000,
    shutTimes = 0,
    shutMs = 0,
    elapsed = systemClock.elapsed,
    pace = createPace(),
    idleMs = 0,
  } = {}) {
    const ending = new AbortController();
    const givenBack: number[] = [];
    const leases: number[] = [];
    const idle: (number | undefined)[] = [];
    let failing = false;
    const ledger = {
      takeSlot: async (_slot: string, _token: string, leaseMs: number, idleFor?: number) => {
        idle.push(idleFor);
        if (failing) {
          failing = false;
          throw new Error("away");
        }
        leases.push(leaseMs);
        if (leases.length <= shutTimes) return { taken: false as const, waitMs: shutMs };
        // Free whenever it is asked for.
        return { taken: true as const };
      },
      releaseSlot: async (_provider: string, _token: string, shutMs: number) => void givenBack.push(shutMs),
    };
    const limiter = slotLimiter({
      ledger,
      slot: "P",
      pace,
      idleMs,
      intervalMs,
      exchangeMs,
      elapsed,
      signal: ending.signal,
    });
    return { limiter, ending, givenBack, leases, idle, failNext: () => (failing = true) };
  }
});

describe("the limiter of several requests at a time", () => {
  it("lets no more than the limit go at once", async () => {
    const { limiter } = several({ limit: 2 });
    const [first] = await Promise.all([limiter.acquire(), limiter.acquire()]);
    let third = false;
    const waiting = limiter.acquire().then(() => {
      third = true;
    });
    await new Promise(setImmediate);
    expect(third).toBe(false);
    await first.releaseUnused();
    await waiting;
  });

  it("gives permits that do not run out, and tells how long it was waited for", async () => {
    const { limiter } = several({ limit: 1 });
    const askedAt = elapsed();
    const first = await limiter.acquire();
    expect(first.maySend()).toBe(true);
    const releasedAt = elapsed();
    await first.release(120);
    const heldBackMs = 118 - (elapsed() - releasedAt);
    const { waitMs } = await limiter.acquire();
    expect(waitMs).toBeGreaterThanOrEqual(heldBackMs);
    expect(waitMs).toBeLessThanOrEqual(Math.ceil(elapsed() - askedAt));
  });

  it("gives at once what is free, and nothing else", async () => {
    const { limiter } = several({ limit: 3 });
    const first = await limiter.acquire();
    expect(limiter.acquireFree(1)).toHaveLength(1);
    expect(limiter.acquireFree(10)).toHaveLength(1);
    expect(limiter.acquireFree(10)).toEqual([]);
    await first.releaseUnused();
    expect(limiter.acquireFree(10)).toHaveLength(1);
  });

  it("a permit in hand is of no use while the provider wants a pause, or once work has ended", async () => {
    const { limiter, ending } = several({ limit: 3 });
    const [first, second] = [await limiter.acquire(), await limiter.acquire()];
    await first.release(0);
    expect(second.maySend()).toBe(true);
    await (await limiter.acquire()).release(60_000);
    expect(second.maySend()).toBe(false);
    const other = several({ limit: 1 });
    const last = await other.limiter.acquire();
    expect(last.maySend()).toBe(true);
    other.ending.abort();
    expect(last.maySend()).toBe(false);
    ending.abort();
  });

  it("gives nothing at once while the provider wants a pause, or once work has ended", async () => {
    const { limiter, ending } = several({ limit: 3 });
    await (await limiter.acquire()).release(60_000);
    expect(limiter.acquireFree(3)).toEqual([]);
    ending.abort();
    expect(several({ limit: 3 }).limiter.acquireFree(3)).toHaveLength(3);
    expect(limiter.acquireFree(3)).toEqual([]);
  });

  it("sends those away who wait for their turn when work ends, although nobody gives a permit back", async () => {
    const { limiter, ending } = several({ limit: 1 });
    await limiter.acquire();
    const waiting = limiter.acquire();
    ending.abort();
    await expect(waiting).rejects.toThrow();
  });

  it("gives no leave once work has ended, although there is room", async () => {
    const { limiter, ending } = several({ limit: 1 });
    ending.abort();
    await expect(limiter.acquire()).rejects.toThrow();
  });

  it("holds back everybody while the provider wants a pause", async () => {
    const { limiter } = several({ limit: 2 });
    const first = await limiter.acquire();
    const releasedAt = elapsed();
    await first.release(300);
    await Promise.all([limiter.acquire(), limiter.acquire()]);
    expect(elapsed() - releasedAt).toBeGreaterThanOrEqual(299);
  });

  it("keeps the longest of the pauses that were wanted", async () => {
    const { limiter } = several({ limit: 2 });
    const [first, second] = await Promise.all([limiter.acquire(), limiter.acquire()]);
    await first.release(300);
    await second.release(0);
    const askedAt = elapsed();
    await limiter.acquire();
    expect(elapsed() - askedAt).toBeGreaterThanOrEqual(295);
  });

  it("sends those who wait away once work has ended, also those who wait out a pause", async () => {
    const { limiter, ending } = several({ limit: 1 });
    const first = await limiter.acquire();
    await first.release(600_000);
    const waiting = Promise.allSettled([limiter.acquire(), limiter.acquire()]);
    ending.abort();
    expect((await waiting).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(limiter.acquire()).rejects.toThrow();
  });

  describe("what it lends", () => {
    it("is what is free, and no more at a time than was said", async () => {
      const { limiter } = several({ limit: 3, lend: 2 });
      const held = await limiter.acquire();
      await Promise.all([limiter.lent.acquire(), limiter.lent.acquire()]);
      const full = several({ limit: 2, lend: 2 });
      await full.limiter.acquire();
      await full.limiter.lent.acquire();
      for (const lent of [limiter.lent, full.limiter.lent]) expect(await isWaiting(lent.acquire())).toBe(true);
      await held.release(0);
    });

    it("is recalled, oldest first, when a place is needed, which nobody waits for", async () => {
      const { limiter } = several({ limit: 2, lend: 2 });
      const [older, younger] = await Promise.all([limiter.lent.acquire(), limiter.lent.acquire()]);
      const [permit] = limiter.acquireFree(1);
      expect([permit?.maySend(), older.recalled?.aborted, younger.recalled?.aborted]).toEqual([true, true, false]);
      expect(older.maySend()).toBe(false);
      expect(await isWaiting(limiter.acquire())).toBe(false);
      expect(younger.recalled?.aborted).toBe(true);
    });

    it("given back twice, by a recall and by the borrower, counts once", async () => {
      const { limiter } = several({ limit: 1, lend: 1 });
      const lent = await limiter.lent.acquire();
      const permit = await limiter.acquire();
      await lent.release(0);
      const next = limiter.lent.acquire();
      expect(await isWaiting(next)).toBe(true);
      await permit.release(0);
      expect((await next).maySend()).toBe(true);
    });

    it("is nothing while the provider wants a pause, whose end is not missed", async () => {
      const { limiter } = several({ limit: 2, lend: 2 });
      await (await limiter.acquire()).release(100);
      const askedAt = elapsed();
      await limiter.lent.acquire();
      expect(elapsed() - askedAt).toBeGreaterThanOrEqual(98);
    });

    it("stops nobody else with a pause of its own", async () => {
      const { limiter } = several({ limit: 2, lend: 2 });
      await (await limiter.lent.acquire()).release(600_000);
      expect(limiter.acquireFree(2)).toHaveLength(2);
    });

    it("is nothing once work has ended", async () => {
      const { limiter, ending } = several({ limit: 1, lend: 1 });
      await limiter.acquire();
      const waiting = limiter.lent.acquire();
      ending.abort();
      await expect(waiting).rejects.toThrow();
      await expect(limiter.lent.acquire()).rejects.toThrow();
    });
  });

  async function isWaiting(permit: Promise<Permit>): Promise<boolean> {
    permit.catch(() => {});
    return (
      (await Promise.race([permit, new Promise<undefined>((resolve) => setImmediate(resolve, undefined))])) ===
      undefined
    );
  }

  function several({ limit, lend = 0 }: { limit: number; lend?: number }) {
    const ending = new AbortController();
    return { ending, limiter: concurrencyLimiter({ limit, lend, elapsed, signal: ending.signal }) };
  }
});
