import { afterEach, describe, expect, it } from "vitest";
import { createConsumer } from "../../src/cancellation/sending/consumer.ts";
import { createDatabaseHealth } from "../../src/cancellation/sending/database-health.ts";
import type { Permit } from "../../src/cancellation/sending/limiter.ts";
import { type Scheduler, startScheduler } from "../../src/cancellation/sending/scheduler.ts";
import type { Claim } from "../../src/domain/cancellation.ts";
import type { ClaimOptions } from "../../src/domain/ledger.ts";
import { createAlarm } from "../../src/util/alarm.ts";
import { createTestClock } from "../support/clock.ts";

/** The background loop over a ledger that only notes what it is asked, and a consumer that claims one record at a time. */
let scheduler: Scheduler;
let ending: AbortController;
afterEach(stop);

async function stop(): Promise<void> {
  ending.abort();
  await scheduler.ended;
  scheduler[Symbol.dispose]();
}

function start(
  options: { paused?: boolean; held?: Claim[]; due?: number[]; renewEveryMs?: number; pollEveryMs?: number } = {},
) {
  // By itself it does not look again: what looks is what the test is about.
  const { paused = false, held = [], due = [], renewEveryMs = 60_000, pollEveryMs = 3_600_000 } = options;
  ending = new AbortController();
  const { signal } = ending;
  const clock = createTestClock();
  const { elapsed } = clock;
  const asked: ClaimOptions[] = [];
  const calls: string[] = [];
  const events: string[] = [];
  const pulls: string[] = [];
  const state = { away: false, unclaimable: false, claimable: 0, looks: 0 };
  const emit = (event: { event: string }) => void events.push(event.event);
  const answer = async (call: string) => {
    calls.push(call);
    if (state.away) throw new Error("away");
  };
  const alarm = createAlarm(elapsed);
  const health = createDatabaseHealth({ alarm, renewEveryMs, retryEveryMs: pollEveryMs, elapsed, emit });
  scheduler = startScheduler({
    ledger: {
      nextDue: async (providers) => {
        await answer(`due ${providers}`);
        if (state.unclaimable) throw new Error("locked");
        return providers.flatMap((provider) => due.splice(0, 1).map((dueInMs) => ({ provider, dueInMs })));
      },
      renew: (claims) => answer(`renew ${claims.length}`),
      check: () => answer("check"),
    },
    consumers: [{ provider: "P", paused: () => paused, pull: () => void pulls.push("P"), held: new Set(held) }],
    // It waits for the alarm after each look.
    alarm: {
      ...alarm,
      rung: () => {
        state.looks += 1;
        return alarm.rung();
      },
    },
    health,
    ...{ renewEveryMs, pollEveryMs, retryEveryMs: pollEveryMs, signal },
  });
  const sent: Claim[] = [];
  const consumer = createConsumer({
    ...{ provider: "P", maxBatchSize: 1, paused: () => paused, giveUpAfterMs: 60_000 },
    ledger: {
      claimDue: async (_provider, ask) => {
        asked.push(ask);
        await answer("claim");
        state.claimable -= 1;
        return state.claimable < 0 ? [] : [claim(1)];
      },
    },
    limiter: { acquire: async () => ({}) as Permit, acquireFree: () => [] },
    breaker: { state: "CLOSED", admits: "all", restMs: () => 0 },
    sender: { send: async (claims) => void sent.push(...claims), skip: async () => {} },
    // What the claim finds due is looked for at once. Here the tests look.
    ...{ health, alarm: { now: () => {}, in: () => {} }, signal, emit },
  });
  const firstLook = () => expect.poll(() => state.looks).toBeGreaterThan(0);
  /** Has it look, and waits until it has. */
  const look = async () => {
    await firstLook();
    const before = state.looks;
    alarm.now();
    await expect.poll(() => state.looks).toBeGreaterThan(before);
  };
  const claimOne = async () => {
    sent.length = 0;
    state.claimable = 1;
    consumer.pull();
    await consumer.idle();
    return [...sent];
  };
  return { clock, alarm, health, asked, calls, events, pulls, state, firstLook, look, claimOne };
}

describe("the background loop", () => {
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

  it("claims nothing while outcomes wait to be written, for three seconds at the most: one that cannot be written must not stop all", async () => {
    const { clock, health, calls, state, look, claimOne } = start();
    await look();
    state.away = true;
    await look();
    health.writesWait = true;
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

  it("pulls for providers that have due records, and for no others", async () => {
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
    const { calls, alarm, firstLook } = start();
    const looks = () => calls.filter((call) => call === "due P").length;
    await firstLook();
    expect(looks()).toBe(1);
    for (const expected of [2, 3]) {
      const wokenAt = performance.now();
      alarm.in(60_000);
      alarm.in(20);
      await expect.poll(looks, { interval: 2 }).toBe(expected);
      expect(performance.now() - wokenAt).toBeGreaterThanOrEqual(20);
    }
  });

  it("wakes when the next record is due", async () => {
    const { calls } = start({ due: [20] });
    await expect.poll(() => calls.filter((call) => call === "due P").length).toBe(2);
  });

  it("claims nothing more after something else found the database away, until it has looked", async () => {
    const { events, health, look, claimOne } = start();
    await look();
    health.failed("claim-failed", new Error("away"));
    expect(await claimOne()).toEqual([]);
    expect(events).toEqual(["claim-failed"]);
    await look();
    expect(await claimOne()).toHaveLength(1);
  });

  it("a look for due records and a renewal that fail are told", async () => {
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
    await stop();
    calls.length = 0;
    for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
    expect(calls).toEqual([]);
  });

  it("looks once more when it is woken while it looks", async () => {
    const { calls, alarm, state } = start();
    alarm.now();
    alarm.now();
    await expect.poll(() => state.looks).toBe(2);
    expect(calls.filter((call) => call === "due P")).toHaveLength(2);
  });

  it("claims nothing after a stop, but renews until it is disposed", async () => {
    const { calls, alarm, claimOne } = start({ held: [claim(1)], renewEveryMs: 5 });
    ending.abort();
    await scheduler.ended;
    calls.length = 0;
    alarm.now();
    alarm.in(1);
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
