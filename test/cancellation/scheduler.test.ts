import { afterEach, describe, expect, it } from "vitest";
import { type Poller, startPoller } from "../../src/cancellation/sending/scheduler.ts";
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
  options: { paused?: boolean; held?: Claim[]; due?: number[]; renewEveryMs?: number; pollEveryMs?: number } = {},
) {
  // By itself it does not look again: what looks is what the test is about.
  const { paused = false, held = [], due = [], renewEveryMs = 60_000, pollEveryMs = 3_600_000 } = options;
  const clock = createTestClock();
  const asked: ClaimOptions[] = [];
  const calls: string[] = [];
  const events: string[] = [];
  const pulls: string[] = [];
  const state = { away: false, behind: false, unclaimable: false };
  const answer = async (call: string) => {
    calls.push(call);
    if (state.away) throw new Error("away");
  };
  poller = startPoller({
    ledger: {
      nextDue: async (providers) => {
        await answer(`due ${providers}`);
        if (state.unclaimable) throw new Error("locked");
        return providers.flatMap((provider) => due.splice(0, 1).map((dueInMs) => ({ provider, dueInMs })));
      },
      claimDue: async (_provider, ask) => {
        asked.push(ask);
        await answer("claim");
        return [claim(1)];
      },
      renew: (claims) => answer(`renew ${claims.length}`),
      check: () => answer("check"),
    },
    queues: [{ provider: "P", paused: () => paused, pull: () => void pulls.push("P"), claims: () => held }],
    writer: {
      get behind() {
        return state.behind;
      },
    },
    renewEveryMs,
    pollEveryMs,
    retryEveryMs: pollEveryMs,
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
  const claimOne = () => poller.claim("P", { limit: 1 });
  return { clock, asked, calls, events, pulls, state, look, claimOne };
}

describe("the background loop", () => {
  it("never claims what is in hand", async () => {
    const { asked, look, claimOne } = start({ held: [claim(7), claim(9)] });
    await look();
    await claimOne();
    expect(asked).toMatchObject([{ held: [7, 9], limit: 1 }]);
  });

  it("takes over from others once the database has been there for ten seconds, and again after each outage", async () => {
    const { clock, asked, state, look, claimOne } = start();
    const takesOver = async () => {
      await look();
      await claimOne();
      return asked.at(-1)?.takeOver;
    };
    expect(await takesOver()).toBe(false);
    clock.pass(10_000);
    expect(await takesOver()).toBe(true);
    state.away = true;
    await look();
    clock.pass(60_000);
    state.away = false;
    expect(await takesOver()).toBe(false);
    clock.pass(10_000);
    expect(await takesOver()).toBe(true);
  });

  it("takes over although the database fails a call now and then: that ends no lease", async () => {
    const { clock, asked, state, look, claimOne } = start();
    await look();
    clock.pass(10_000);
    for (let times = 0; times < 3; times += 1) {
      state.away = true;
      await look();
      state.away = false;
      clock.pass(9000);
      await look();
      await claimOne();
      expect(asked.at(-1)?.takeOver).toBe(true);
    }
  });

  it("renews what is held before it looks for more, once the database is back", async () => {
    const { calls, state, look, claimOne } = start({ held: [claim(1)] });
    await look();
    state.away = true;
    await look();
    calls.length = 0;
    await look();
    expect(await claimOne()).toEqual([]);
    expect(calls.toSorted()).toEqual(["check", "renew 1"]);
    state.away = false;
    calls.length = 0;
    await look();
    expect(calls.slice(0, 2).toSorted()).toEqual(["check", "renew 1"]);
    expect(calls).toContain("due P");
    expect(await claimOne()).toHaveLength(1);
  });

  it("claims nothing while outcomes wait to be written, but not for ever: one that cannot be must not stop all", async () => {
    const { clock, calls, state, look, claimOne } = start();
    await look();
    state.away = true;
    await look();
    state.behind = true;
    state.away = false;
    calls.length = 0;
    await look();
    expect(calls).not.toContain("due P");
    expect(await claimOne()).toEqual([]);
    clock.pass(3000);
    await look();
    expect(calls).toContain("due P");
    expect(await claimOne()).toHaveLength(1);
  });

  it("has what is due pulled, and only that", async () => {
    const { pulls, look } = start({ due: [0, 60_000, -5] });
    await look();
    await look();
    await look();
    expect(pulls).toHaveLength(2);
  });

  it("claims nothing of a paused provider, and does not look for it", async () => {
    const { calls, look, claimOne } = start({ paused: true, due: [0] });
    await look();
    expect(await claimOne()).toEqual([]);
    expect(calls).not.toContain("due P");
    expect(calls).not.toContain("claim");
  });

  it("looks at once when it starts, and then as often as it is told", async () => {
    const { calls } = start({ pollEveryMs: 5 });
    await expect.poll(() => calls.filter((call) => call === "due P").length).toBeGreaterThan(4);
  });

  it("wakes when something is due, each time, and not before", async () => {
    const { calls } = start();
    const looks = () => calls.filter((call) => call === "due P").length;
    await poller.idle();
    expect(looks()).toBe(1);
    for (const expected of [2, 3]) {
      const wokenAt = performance.now();
      poller.wake(60_000);
      poller.wake(20);
      await expect.poll(looks, { interval: 2 }).toBe(expected);
      expect(performance.now() - wokenAt).toBeGreaterThanOrEqual(20);
    }
  });

  it("wakes when the next record is due", async () => {
    const { calls } = start({ due: [20] });
    await expect.poll(() => calls.filter((call) => call === "due P").length).toBe(2);
  });

  it("claims nothing more after something else found the database away, until it has looked", async () => {
    const { events, look, claimOne } = start();
    await look();
    poller.failed(new Error("away"));
    expect(await claimOne()).toEqual([]);
    expect(events).toEqual(["claim-failed"]);
    await look();
    expect(await claimOne()).toHaveLength(1);
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
    const { calls } = start();
    poller.look();
    poller.look();
    await poller.idle();
    expect(calls.filter((call) => call === "due P")).toHaveLength(2);
  });

  it("claims nothing after a stop, but renews until it is closed", async () => {
    const { calls, claimOne } = start({ held: [claim(1)], renewEveryMs: 5 });
    await poller.stop();
    calls.length = 0;
    poller.look();
    poller.wake(1);
    expect(await claimOne()).toEqual([]);
    await expect.poll(() => calls.filter((call) => call === "renew 1").length).toBeGreaterThan(3);
    expect(new Set(calls)).toEqual(new Set(["renew 1"]));
  });

  it("goes on when a renewal fails", async () => {
    const { calls, state } = start({ held: [claim(1)], renewEveryMs: 5, pollEveryMs: 50 });
    state.away = true;
    await expect.poll(() => calls.filter((call) => call === "renew 1").length).toBeGreaterThan(3);
    state.away = false;
    await expect.poll(() => calls).toContain("due P");
  });
});

function claim(id: number): Claim {
  return { id, provider: "P", orderId: String(id) } as Claim;
}
