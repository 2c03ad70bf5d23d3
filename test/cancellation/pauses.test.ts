import { afterEach, expect, it } from "vitest";
import { type Pauses, startPauses } from "../../src/cancellation/pauses.ts";
import type { Pause } from "../../src/domain/cancellation.ts";
import type { ServiceEvent } from "../../src/domain/events.ts";

let pauses: Pauses;
afterEach(() => pauses[Symbol.asyncDispose]());

const pause = (provider: string): Pause => ({ provider, pausedAt: 1, reason: null });

/** Over a ledger whose rows other instances change. */
async function start(rows: Pause[], bySetting: string[] = []) {
  const events: ServiceEvent[] = [];
  let rings = 0;
  const state = { rows, away: false };
  const ledger = {
    pauses: async () => {
      if (state.away) throw new Error("away");
      return state.rows;
    },
    setPaused: async (provider: string, paused: boolean, reason: string | null) => {
      const others = state.rows.filter((row) => row.provider !== provider);
      state.rows = paused ? [...others, { provider, pausedAt: 2, reason }] : others;
    },
  };
  pauses = await startPauses({
    ledger,
    bySetting: new Set(bySetting),
    alarm: {
      now: () => {
        rings += 1;
      },
    },
    emit: (event) => events.push(event),
    everyMs: 1,
  });
  return { state, events, rings: () => rings };
}

it("what is paused already when the instance starts is known before it sends anything", async () => {
  const { events } = await start([pause("P")]);
  expect([pauses.of("P"), pauses.of("Q")]).toEqual([pause("P"), undefined]);
  expect(events).toEqual([{ event: "provider-paused", provider: "P" }]);
});

it("what another instance pauses and starts is found out, told, and told once", async () => {
  const { state, events, rings } = await start([]);
  state.rows = [pause("P")];
  await expect.poll(() => pauses.of("P")).toEqual(pause("P"));
  state.rows = [];
  await expect.poll(() => pauses.of("P")).toBeUndefined();
  expect(events.map(({ event }) => event)).toEqual(["provider-paused", "provider-started"]);
  expect(rings()).toBe(1);
});

it("what this instance pauses and starts holds at once", async () => {
  await start([]);
  await pauses.set("P", true, "why");
  expect(pauses.of("P")).toEqual({ provider: "P", pausedAt: 2, reason: "why" });
  await pauses.set("P", false, null);
  expect(pauses.of("P")).toBeUndefined();
});

it("what a setting pauses stays paused, whatever the ledger says", async () => {
  await start([], ["P"]);
  await pauses.set("P", false, null);
  expect(pauses.of("P")).toEqual({ provider: "P", pausedAt: null, reason: "The setting P_PAUSED is true." });
});

it("while the database is away, what was known last stays, and one line says so", async () => {
  const { state, events } = await start([pause("P")]);
  state.away = true;
  await expect.poll(() => events.filter(({ event }) => event === "pauses-unread")).toHaveLength(1);
  for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(pauses.of("P")).toEqual(pause("P"));
  expect(events.filter(({ event }) => event === "pauses-unread")).toHaveLength(1);
  state.away = false;
  state.rows = [];
  await expect.poll(() => pauses.of("P")).toBeUndefined();
});
