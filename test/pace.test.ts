import { describe, expect, it } from "vitest";
import { concurrencyPace, slotPace } from "../src/cancellation/pace.ts";
import { systemClock } from "../src/domain/clock.ts";

const { elapsed } = systemClock;

describe("the pace of one request at a time", () => {
  it("keeps the interval by the clock of this process, too: a ledger whose clock steps forward frees the slot early", async () => {
    const { pace } = slot();
    const first = await pace.acquire();
    await first.release({ pauseMs: 0 });
    const releasedAt = elapsed();
    await pace.acquire();
    expect(elapsed() - releasedAt).toBeGreaterThanOrEqual(199);
  });

  it("keeps a longer pause that the answer asks for, and tells the ledger", async () => {
    const { pace, givenBack } = slot();
    const first = await pace.acquire();
    await first.release({ pauseMs: 300 });
    const releasedAt = elapsed();
    await pace.acquire();
    expect(elapsed() - releasedAt).toBeGreaterThanOrEqual(299);
    expect(givenBack).toEqual([300]);
  });

  it("keeps no interval after leave that was not used", async () => {
    const { pace, givenBack } = slot({ intervalMs: 600_000 });
    const first = await pace.acquire();
    await first.release();
    await pace.acquire();
    expect(givenBack).toEqual([0]);
  });

  it("asks for a lease that covers the sending, the exchange and the interval", async () => {
    const { pace, leases } = slot({ intervalMs: 2000, exchangeMs: 10_000 });
    await pace.acquire();
    expect(leases).toEqual([14_000]);
  });

  it("gives two seconds to send", async () => {
    const { pace } = slot();
    const askedAt = elapsed();
    const { sendBefore } = await pace.acquire();
    expect(sendBefore).toBeGreaterThanOrEqual(askedAt + 2000);
    expect(sendBefore).toBeLessThanOrEqual(elapsed() + 2000);
  });

  it("gives leave to nobody once work has ended, even if the slot is free", async () => {
    const { pace, ending } = slot();
    ending.abort();
    await expect(pace.acquire()).rejects.toThrow();
  });

  it("serves those who wait in their order, and goes on after the ledger failed one", async () => {
    const { pace, failNext } = slot({ intervalMs: 1 });
    failNext();
    const answers = await Promise.allSettled([pace.acquire(), pace.acquire()]);
    expect(answers.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  });

  function slot({ intervalMs = 200, exchangeMs = 1000 } = {}) {
    const ending = new AbortController();
    const givenBack: number[] = [];
    const leases: number[] = [];
    let failing = false;
    const ledger = {
      takeSlot: async (_provider: string, leaseMs: number) => {
        if (failing) {
          failing = false;
          throw new Error("away");
        }
        leases.push(leaseMs);
        return { token: "free whenever it is asked" };
      },
      giveBackSlot: async (_provider: string, _token: string, shutMs: number) => void givenBack.push(shutMs),
    };
    const pace = slotPace({ ledger, provider: "P", intervalMs, exchangeMs, elapsed, signal: ending.signal });
    return { pace, ending, givenBack, leases, failNext: () => (failing = true) };
  }
});

describe("the pace of several requests at a time", () => {
  it("lets no more than the limit go at once", async () => {
    const { pace } = several({ limit: 2 });
    const [first] = await Promise.all([pace.acquire(), pace.acquire()]);
    let third = false;
    const waiting = pace.acquire().then(() => {
      third = true;
    });
    await new Promise(setImmediate);
    expect(third).toBe(false);
    await first.release();
    await waiting;
  });

  it("holds back everybody while the provider wants a pause", async () => {
    const { pace } = several({ limit: 2 });
    const first = await pace.acquire();
    await first.release({ pauseMs: 300 });
    const askedAt = elapsed();
    await Promise.all([pace.acquire(), pace.acquire()]);
    expect(elapsed() - askedAt).toBeGreaterThanOrEqual(295);
  });

  it("keeps the longest of the pauses that were wanted", async () => {
    const { pace } = several({ limit: 2 });
    const [first, second] = await Promise.all([pace.acquire(), pace.acquire()]);
    await first.release({ pauseMs: 300 });
    await second.release({ pauseMs: 0 });
    const askedAt = elapsed();
    await pace.acquire();
    expect(elapsed() - askedAt).toBeGreaterThanOrEqual(295);
  });

  it("sends those who wait away once work has ended, also those who wait out a pause", async () => {
    const { pace, ending } = several({ limit: 1 });
    const first = await pace.acquire();
    await first.release({ pauseMs: 600_000 });
    const waiting = Promise.allSettled([pace.acquire(), pace.acquire()]);
    ending.abort();
    expect((await waiting).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(pace.acquire()).rejects.toThrow();
  });

  function several({ limit }: { limit: number }) {
    const ending = new AbortController();
    return { ending, pace: concurrencyPace({ limit, elapsed, signal: ending.signal }) };
  }
});
