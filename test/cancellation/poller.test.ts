import { afterEach, describe, expect, it } from "vitest";
import { type Poller, startPoller } from "../../src/cancellation/poller.ts";
import type { Claim } from "../../src/domain/cancellation.ts";
import type { ClaimOptions } from "../../src/domain/ledger.ts";
import { createTestClock } from "../support/clock.ts";

/** The background loop over a ledger that only notes what it is asked. */
let poller: Poller;
afterEach(async () => {
  await poller.stop();
  poller.close();
});

function start(
  options: { paused?: boolean; held?: Claim[]; due?: Claim[]; renewEveryMs?: number; pollEveryMs?: number } = {},
) {
  // By itself it does not look again: what looks is what the test is about.
  const { paused = false, held = [], due = [], renewEveryMs = 60_000, pollEveryMs = 3_600_000 } = options;
  const clock = createTestClock();
  const asked: ClaimOptions[] = [];
  const calls: string[] = [];
  const events: string[] = [];
  const state = { away: false, behind: false, unclaimable: false };
  const dispatched: { claim: Claim; end(): void }[] = [];
  const answer = async (call: string) => {
    calls.push(call);
    if (state.away) throw new Error("away");
  };
  poller = startPoller({
    ledger: {
      claimDue: async (_provider, ask) => {
        asked.push(ask);
        await answer("claim");
        if (state.unclaimable) throw new Error("locked");
        return due.splice(0, ask.limit);
      },
      renew: (claims) => answer(`renew ${claims.length}`),
      check: () => answer("check"),
    },
    queues: [
      {
        provider: "P",
        paused,
        room: 3,
        dispatch: (claim) => {
          const done = Promise.withResolvers<void>();
          dispatched.push({ claim, end: done.resolve });
          return done.promise;
        },
        claims: () => held,
      },
    ],
    writer: {
      get behind() {
        return state.behind;
      },
    },
    renewEveryMs,
    pollEveryMs,
    elapsed: clock.elapsed,
    emit: (event) => void events.push(event.event),
  });
  /** Has it look, and waits until it has. */
  const look = async () => {
    const before = calls.length;
    poller.look();
    await expect.poll(() => calls.length).toBeGreaterThan(before);
    await poller.idle();
  };
  return { clock, asked, calls, events, state, dispatched, look };
}

describe("the background loop", () => {
  it("never asks for what is in hand", async () => {
    const { asked, look } = start({ held: [claim(7), claim(9)] });
    await look();
    expect(asked.at(-1)).toMatchObject({ held: [7, 9] });
  });

  it("takes over from others once the database has been there for ten seconds, and again after each outage", async () => {
    const { clock, asked, state, look } = start();
    await look();
    expect(asked.at(-1)?.takeOver).toBe(false);
    clock.pass(10_000);
    await look();
    expect(asked.at(-1)?.takeOver).toBe(true);
    state.away = true;
    await look();
    clock.pass(60_000);
    state.away = false;
    await look();
    expect(asked.at(-1)?.takeOver).toBe(false);
    clock.pass(10_000);
    await look();
    expect(asked.at(-1)?.takeOver).toBe(true);
  });

  it("takes over although the database fails a call now and then: that ends no lease", async () => {
    const { clock, asked, state, look } = start();
    await look();
    clock.pass(10_000);
    for (let times = 0; times < 3; times += 1) {
      state.away = true;
      await look();
      state.away = false;
      clock.pass(9000);
      await look();
      expect(asked.at(-1)?.takeOver).toBe(true);
    }
  });

  it("renews what is held before it claims, once the database is back", async () => {
    const { calls, state, look } = start({ held: [claim(1)] });
    await look();
    state.away = true;
    await look();
    calls.length = 0;
    await look();
    expect(calls).not.toContain("claim");
    state.away = false;
    calls.length = 0;
    await look();
    expect(calls.slice(0, 2).toSorted()).toEqual(["check", "renew 1"]);
    expect(calls).toContain("claim");
  });

  it("claims nothing while outcomes wait to be written, but not for ever: one that cannot be must not stop all", async () => {
    const { clock, calls, state, look } = start();
    await look();
    state.away = true;
    await look();
    state.behind = true;
    state.away = false;
    calls.length = 0;
    await look();
    expect(calls).not.toContain("claim");
    clock.pass(3000);
    await look();
    expect(calls).toContain("claim");
  });

  it("has no more at work than it has room for, and looks for more when something is done", async () => {
    const { asked, dispatched, look } = start({ due: [1, 2, 3, 4].map(claim) });
    await expect.poll(() => dispatched.length).toBe(3);
    const before = asked.length;
    poller.look();
    await poller.idle();
    expect(asked.length).toBe(before);
    dispatched[0]?.end();
    await expect.poll(() => dispatched.length).toBe(4);
    expect(asked.at(-1)?.limit).toBe(1);
    dispatched[1]?.end();
    dispatched[2]?.end();
    await look();
  });

  it("claims nothing of a paused provider", async () => {
    const { calls } = start({ paused: true });
    await expect.poll(() => calls).toContain("check");
    poller.look();
    await poller.idle();
    expect(calls).not.toContain("claim");
  });

  it("looks at once when it starts, and then as often as it is told", async () => {
    const { asked } = start({ pollEveryMs: 5 });
    await expect.poll(() => asked.length).toBeGreaterThan(4);
  });

  it("wakes when something is due, each time, and not before", async () => {
    const { asked } = start();
    await poller.idle();
    expect(asked).toHaveLength(1);
    for (const looks of [2, 3]) {
      const wokenAt = performance.now();
      poller.wake(20);
      await expect.poll(() => asked.length, { interval: 2 }).toBe(looks);
      expect(performance.now() - wokenAt).toBeGreaterThanOrEqual(20);
    }
  });

  it("tells what failed", async () => {
    const { state, events, look } = start({ held: [claim(1)], renewEveryMs: 5 });
    await look();
    state.away = true;
    await expect.poll(() => events).toContain("renew-failed");
    await look();
    expect(events).toContain("claim-failed");
    expect(new Set(events)).toEqual(new Set(["renew-failed", "claim-failed"]));
  });

  it("tells of claims that failed although the database is there, and of nothing else", async () => {
    const { state, events, look } = start();
    await look();
    expect(events).toEqual([]);
    state.unclaimable = true;
    await look();
    expect(events).toEqual(["claim-failed"]);
  });

  it("renews everything that is held", async () => {
    const { calls } = start({ held: [claim(1), claim(2)], renewEveryMs: 5 });
    await expect.poll(() => calls).toContain("renew 2");
    poller.close();
    await poller.stop();
    calls.length = 0;
    for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
    expect(calls).toEqual([]);
  });

  it("looks once more when it is woken while it looks", async () => {
    const { asked } = start();
    poller.look();
    poller.look();
    await poller.idle();
    expect(asked.length).toBe(2);
  });

  it("claims nothing after a stop, but renews until it is closed", async () => {
    const { calls } = start({ held: [claim(1)], renewEveryMs: 5 });
    await poller.stop();
    calls.length = 0;
    poller.look();
    poller.wake(1);
    await expect.poll(() => calls.filter((call) => call === "renew 1").length).toBeGreaterThan(3);
    expect(calls).not.toContain("claim");
  });

  it("goes on when a renewal fails", async () => {
    const { calls, state } = start({ held: [claim(1)], renewEveryMs: 5, pollEveryMs: 50 });
    state.away = true;
    await expect.poll(() => calls.filter((call) => call === "renew 1").length).toBeGreaterThan(3);
    state.away = false;
    await expect.poll(() => calls).toContain("claim");
  });
});

function claim(id: number): Claim {
  return { id, provider: "P", orderId: String(id) } as Claim;
}
