import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Ledger } from "../../src/domain/ledger.ts";
import { createLedger } from "../../src/ledger/ledger.ts";
import { testedStores } from "../support/stores.ts";

describe.each(testedStores())("pauses on $name", (tested) => {
  let nowMs: number;
  let database: string;
  let ledger: Ledger;
  const open = async () =>
    createLedger(await tested.open(database, { now: () => nowMs, elapsed: () => nowMs }), { leaseMs: 30_000 });

  beforeEach(async () => {
    nowMs = 1_800_000_000_000;
    database = await tested.createDatabase();
    ledger = await open();
  });
  afterEach(() => ledger.close());

  it("a provider is paused until it is started, also after a restart", async () => {
    expect(await ledger.pauses()).toEqual([]);
    await ledger.setPaused("P", true, "a new key");
    await ledger.close();
    ledger = await open();
    expect(await ledger.pauses()).toEqual([{ provider: "P", pausedAt: nowMs, reason: "a new key" }]);
    await ledger.setPaused("P", false, null);
    expect(await ledger.pauses()).toEqual([]);
  });

  it("paused again, it is paused since the first time, for the last reason", async () => {
    const pausedAt = nowMs;
    await ledger.setPaused("P", true, "one");
    nowMs += 5000;
    await ledger.setPaused("P", true, "two");
    expect(await ledger.pauses()).toEqual([{ provider: "P", pausedAt, reason: "two" }]);
  });

  it("to start what is not paused changes nothing", async () => {
    await ledger.setPaused("P", true, null);
    await ledger.setPaused("Q", false, "a reason");
    expect(await ledger.pauses()).toEqual([{ provider: "P", pausedAt: nowMs, reason: null }]);
  });
});
