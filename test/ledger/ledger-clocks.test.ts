import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Claim, Progress } from "../../src/domain/cancellation.ts";
import type { ClaimOptions, Ledger } from "../../src/domain/ledger.ts";
import { createLedger } from "../../src/ledger/ledger.ts";
import { createTestClock, type TestClock } from "../support/clock.ts";
import { testedStores } from "../support/stores.ts";

/** What a wrong clock does to the ledger: nothing that lasts, and nothing that is early. */
const leaseMs = 30_000;
const hour = 3_600_000;

describe.each(testedStores())("a ledger on $name", (tested) => {
  let clock: TestClock;
  let database: string;
  let ledger: Ledger;

  beforeEach(async () => {
    clock = createTestClock();
    database = await tested.createDatabase();
    ledger = createLedger(await tested.open(database, clock), { leaseMs });
  });
  afterEach(() => ledger.close());

  it.each([20_000, hour])("set back by %d ms: a wait goes on as if nothing had happened", async (backMs) => {
    await waitFor("a", 2000);
    clock.step(-backMs);
    // A clock that this process does not watch is looked at now and then.
    clock.pass(0);
    await claimDue();
    clock.pass(5000);
    expect(await claimDue()).toEqual(await isDue("a", 2000));
  });

  it("an hour forward and back: what was written meanwhile is due when it was meant to be, also after a restart", async () => {
    await waitFor("before", 2000);
    clock.step(hour);
    await waitFor("meanwhile", 2000);
    clock.step(-hour);
    await reopen();
    await claimDue();
    clock.pass(7000);
    expect((await claimDue()).map(({ orderId }) => orderId).toSorted()).toEqual(["before", "meanwhile"]);
  });

  it("set back: a lease lasts a lease, and no longer", async () => {
    await open("a");
    clock.step(-hour);
    await claimDue();
    clock.pass(leaseMs - 1);
    expect(await claimDue()).toEqual([]);
    clock.pass(5001);
    await claimDue();
    clock.pass(leaseMs);
    expect(await ledger.read([key("a")])).toMatchObject([{ status: "PENDING" }]);
  });

  it("set back: nothing was asked for in the future, and ages count from now", async () => {
    await waitFor("a", 1000);
    clock.step(-hour);
    await claimDue();
    clock.pass(6000);
    const [claim] = await claimDue();
    expect(claim?.ageMs).toBeLessThanOrEqual(7000);
    expect(claim?.requestedAt).toBeLessThanOrEqual(clock.now());
  });

  it("set back: a slot that was shut for two seconds is not shut for an hour", async () => {
    await ledger.takeSlot("P", "token", 14_000);
    await ledger.releaseSlot("P", "token", 2000);
    clock.step(-hour);
    await claimDue();
    clock.pass(5000);
    await claimDue();
    clock.pass(2000);
    expect(await ledger.takeSlot("P", randomUUID(), 14_000)).toEqual({ taken: true });
  });

  it("set back: a slot whose holder is gone comes free after its lease", async () => {
    await ledger.takeSlot("P", randomUUID(), 14_000);
    clock.step(-hour);
    await claimDue();
    clock.pass(5000);
    await claimDue();
    clock.pass(14_000);
    expect(await ledger.takeSlot("P", randomUUID(), 14_000)).toEqual({ taken: true });
  });

  if (tested.name === "SQLite") {
    it("stepped forward by an hour: nothing is due by that, no lease ends by that", async () => {
      await waitFor("waiting", 60_000);
      await open("held");
      clock.step(hour);
      expect(await claimDue()).toEqual([]);
      clock.pass(leaseMs);
      expect((await claimDue()).map(({ orderId }) => orderId)).toEqual(["held"]);
      clock.pass(30_000);
      expect((await claimDue()).map(({ orderId }) => orderId)).toContain("waiting");
    });
  }

  if (tested.name === "SQLite") {
    it("a step is made good once, however many look at the same time, and no wait begins anew", async () => {
      await waitFor("a", 60_000);
      clock.pass(30_000);
      clock.step(hour);
      await Promise.all(["P", "Q", "R", "S", "T"].map((provider) => claimDue({}, provider)));
      clock.pass(30_000);
      expect(await claimDue()).toHaveLength(1);
    });

    it("two time services that quarrel over 20 s keep no wait from ending", async () => {
      await waitFor("a", 60_000);
      for (const step of [20_000, -20_000, 20_000]) {
        clock.pass(15_000);
        clock.step(step);
        expect(await claimDue()).toEqual([]);
      }
      clock.pass(15_000);
      expect(await claimDue()).toHaveLength(1);
    });

    it("stepped forward: a request does not age by that", async () => {
      await waitFor("a", 60_000);
      clock.step(hour);
      await claimDue();
      clock.pass(60_000);
      expect(await claimDue()).toMatchObject([{ ageMs: 60_000 }]);
    });

    it("after a clock step, records show the time that people read", async () => {
      clock.step(hour);
      await claimDue();
      const [claim] = await open("a");
      expect(claim?.requestedAt).toBe(clock.now());
    });
  } else {
    it("stepped forward: what a living instance holds is not taken over by another", async () => {
      const other = createLedger(await tested.open(database, clock), { leaseMs });
      const take = () => other.claimDue("P", { limit: 10, held: [], takeOver: true });
      await take();
      await ledger.markSent(await open("a"));
      clock.step(hour);
      expect(await take()).toEqual([]);
      clock.pass(leaseMs / 2);
      expect(await take()).toMatchObject([{ orderId: "a" }]);
      await other.close();
    });
  }

  it.each([0, 1000])(
    "a clock that is wrong for a moment (seen after %d ms) deletes nothing, and an hour later what is old",
    async (ms) => {
      const day = 24 * hour;
      const deleteOld = () => ledger.deleteSettled({ olderThanMs: 365 * day, limit: 10 });
      await ledger.write((await open("a")).map((claim) => step(claim, { status: "CANCELLED", delayMs: null })));
      expect(await deleteOld()).toBe(0);
      clock.step(400 * day);
      clock.pass(ms);
      expect(await deleteOld()).toBe(0);
      clock.pass(hour - 1);
      expect(await deleteOld()).toBe(0);
      clock.step(-400 * day);
      clock.pass(2);
      expect(await deleteOld()).toBe(0);
      expect(await ledger.read([key("a")])).toMatchObject([{ status: "CANCELLED" }]);
      clock.pass(366 * day);
      expect(await deleteOld()).toBe(1);
    },
  );

  it("a record that this process holds is never claimed, even long after its lease", async () => {
    const claims = await open("mine");
    await open("another's");
    clock.pass(10 * leaseMs);
    const held = claims.map(({ id }) => id);
    expect((await claimDue({ held })).map(({ orderId }) => orderId)).toEqual(["another's"]);
    const [written] = await ledger.write([step(claims[0], { status: "CANCELLED", delayMs: null })]);
    expect(written?.claim.orderId).toBe("mine");
  });

  it("leaves alone what others hold beyond their leases until it is told to take over", async () => {
    await open("another's");
    await ledger.release(await open("free"));
    clock.pass(10 * leaseMs);
    expect((await claimDue({ takeOver: false })).map(({ orderId }) => orderId)).toEqual(["free"]);
    expect((await claimDue({ takeOver: true })).map(({ orderId }) => orderId)).toEqual(["another's"]);
  });

  function claimDue(options: Partial<ClaimOptions> = {}, provider = "P"): Promise<Claim[]> {
    return ledger.claimDue(provider, { limit: 10, held: [], takeOver: true, ...options });
  }

  /** What `claimDue` has to find: this order alone, after such a wait. */
  async function isDue(orderId: string, waitMs: number) {
    const [record] = await ledger.read([key(orderId)]);
    return [expect.objectContaining({ id: record?.id, orderId, watchedMs: waitMs })];
  }

  async function open(orderId: string): Promise<Claim[]> {
    const { claims } = await ledger.open({ provider: "P", orderIds: [orderId], requestedBy: null, claim: 1 });
    return claims;
  }

  async function waitFor(orderId: string, delayMs: number): Promise<void> {
    await ledger.write((await open(orderId)).map((claim) => step(claim, { delayMs, watchedMs: delayMs })));
  }

  async function reopen(): Promise<void> {
    await ledger.close();
    ledger = createLedger(await tested.open(database, clock), { leaseMs });
  }
});

function key(orderId: string) {
  return { provider: "P", orderId };
}

function step(claim: Claim | undefined, changes: Partial<Progress>) {
  if (!claim) throw new Error("nothing was claimed");
  const { nextAction: next, inDoubt, retries, lookups, watchedMs, maxBatch } = claim;
  const progress: Progress = {
    status: "PENDING",
    problem: null,
    nextAction: next,
    delayMs: 0,
    inDoubt,
    retries,
    lookups,
    watchedMs,
    maxBatch,
    ...changes,
  };
  return { claim, progress, attempts: 0, event: null };
}
