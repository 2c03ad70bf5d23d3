import { describe, expect, it } from "vitest";
import type { Progress } from "../../src/domain/cancellation.ts";
import type { Ledger } from "../../src/domain/ledger.ts";
import { createLedger } from "../../src/ledger/ledger.ts";
import { answeredTransition } from "../support/claims.ts";
import { createTestClock } from "../support/clock.ts";
import { testedStores } from "../support/stores.ts";

const leaseMs = 30_000;
const ended: Progress = {
  status: "REJECTED",
  problem: { code: "TOO_LATE", providerCode: null, providerMessage: null },
  nextAction: "cancel",
  delayMs: null,
  inDoubt: false,
  maxBatch: null,
  retries: 0,
  lookups: 0,
  watchedMs: 0,
};

describe.each(testedStores())("$name", ({ createDatabase, open }) => {
  it("a cancellation that settles: announced once, with its status at that moment", async () => {
    const { ledger, close } = await start();
    await settle(ledger, "a");
    const [record] = await ledger.read([{ provider: "P", orderId: "a" }]);
    const [first, ...others] = await ledger.claimAnnouncements(10, leaseMs);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ provider: "P", orderId: "a", status: "REJECTED", failures: 0 });
    expect(first?.settledAt).toBe(record?.settledAt);
    expect(await ledger.claimAnnouncements(10, leaseMs)).toEqual([]);
    if (first) await ledger.deleteAnnouncement(first);
    expect(await ledger.undelivered()).toEqual({ waiting: 0, abandoned: 0 });
    await close();
  });

  it("a transition that settles nothing, or is written twice: no announcement", async () => {
    const { ledger, close } = await start();
    const { claims } = await ledger.open({ provider: "P", orderIds: ["a"], requestedBy: null, claim: 1 });
    const step = answeredTransition(claims[0] as never, { ...ended, status: "PENDING", delayMs: 0 });
    await ledger.write([step]);
    expect(await ledger.undelivered()).toEqual({ waiting: 0, abandoned: 0 });
    await settle(ledger, "b");
    expect(await ledger.undelivered()).toEqual({ waiting: 1, abandoned: 0 });
    await close();
  });

  it("a failed announcement is due again after its delay; one that was given up never is, and is still counted", async () => {
    const { ledger, clock, close } = await start();
    await settle(ledger, "a");
    const [first] = await ledger.claimAnnouncements(10, leaseMs);
    if (first) await ledger.postponeAnnouncement(first, 5000);
    clock.pass(4999);
    expect(await ledger.claimAnnouncements(10, leaseMs)).toEqual([]);
    clock.pass(1);
    const [again] = await ledger.claimAnnouncements(10, leaseMs);
    expect(again).toMatchObject({ messageId: first?.messageId, failures: 1 });
    if (again) await ledger.postponeAnnouncement(again, null);
    clock.pass(1e9);
    expect(await ledger.claimAnnouncements(10, leaseMs)).toEqual([]);
    expect(await ledger.undelivered()).toEqual({ waiting: 0, abandoned: 1 });
    await close();
  });

  it("an announcement whose holder is gone: another instance claims it after the lease, and the first one's result changes nothing", async () => {
    const { ledger, clock, close } = await start();
    await settle(ledger, "a");
    const [first] = await ledger.claimAnnouncements(10, leaseMs);
    clock.pass(leaseMs);
    const [second] = await ledger.claimAnnouncements(10, leaseMs);
    expect(second?.messageId).toBe(first?.messageId);
    if (first) {
      await ledger.deleteAnnouncement(first);
      await ledger.postponeAnnouncement(first, null);
      await ledger.releaseAnnouncement(first);
    }
    expect(await ledger.claimAnnouncements(10, leaseMs)).toEqual([]);
    expect(await ledger.undelivered()).toEqual({ waiting: 1, abandoned: 0 });
    if (second) await ledger.releaseAnnouncement(second);
    expect(await ledger.claimAnnouncements(10, leaseMs)).toMatchObject([{ failures: 0 }]);
    await close();
  });

  it("a cancellation that settled twice: its announcements are held one at a time", async () => {
    const { ledger, close } = await start();
    await settle(ledger, "a");
    await settle(ledger, "a");
    await settle(ledger, "b");
    const held = await ledger.claimAnnouncements(10, leaseMs);
    expect(held.map(({ orderId }) => orderId)).toEqual(["a", "b"]);
    expect(await ledger.claimAnnouncements(10, leaseMs)).toEqual([]);
    // A wait of the first does not hold up the second.
    if (held[0]) await ledger.postponeAnnouncement(held[0], 60_000);
    const next = await ledger.claimAnnouncements(10, leaseMs);
    expect(next.map(({ orderId }) => orderId)).toEqual(["a"]);
    expect(next[0]?.messageId).not.toBe(held[0]?.messageId);
    await close();
  });

  it("claims made at the same time never hold two of one cancellation, nor one of them twice", async () => {
    const { ledger, close } = await start();
    for (let round = 0; round < 3; round += 1) for (const id of ["a", "b", "c", "d"]) await settle(ledger, id);
    const claims = await Promise.all(Array.from({ length: 8 }, () => ledger.claimAnnouncements(2, leaseMs)));
    const ids = claims.flat().map(({ orderId }) => orderId);
    expect(new Set(ids).size).toBe(ids.length);
    await close();
  });

  it("the clock is set back by an hour: no announcement waits longer", async () => {
    const { ledger, clock, close } = await start();
    await settle(ledger, "a");
    const [first] = await ledger.claimAnnouncements(10, leaseMs);
    if (first) await ledger.postponeAnnouncement(first, 5000);
    clock.step(-3_600_000);
    clock.pass(5000);
    const early = await ledger.claimAnnouncements(10, leaseMs);
    clock.pass(5000);
    expect([...early, ...(await ledger.claimAnnouncements(10, leaseMs))]).toHaveLength(1);
    await close();
  });

  it("the clock is set forward by an hour: no other instance takes over what is held", async () => {
    const { ledger, clock, close } = await start();
    await settle(ledger, "a");
    expect(await ledger.claimAnnouncements(10, leaseMs)).toHaveLength(1);
    clock.step(3_600_000);
    expect(await ledger.claimAnnouncements(10, leaseMs)).toEqual([]);
    await close();
  });

  it("retention keeps what is still to be announced, and deletes with a record what was given up", async () => {
    const { ledger, clock, close } = await start();
    await settle(ledger, "a");
    clock.pass(1000);
    expect(await ledger.deleteSettled({ olderThanMs: 500, limit: 10 })).toBe(0);
    const [held] = await ledger.claimAnnouncements(10, leaseMs);
    expect(await ledger.deleteSettled({ olderThanMs: 500, limit: 10 })).toBe(0);
    if (held) await ledger.postponeAnnouncement(held, null);
    expect(await ledger.deleteSettled({ olderThanMs: 500, limit: 10 })).toBe(1);
    expect(await ledger.undelivered()).toEqual({ waiting: 0, abandoned: 0 });
    await close();
  });

  it("a person resolves a cancellation: it is announced, too", async () => {
    const { ledger, close } = await start();
    await settle(ledger, "a", { ...ended, status: "UNCONFIRMED" });
    const by = { note: "seen", requestedBy: "bob", requestId: "r" };
    await ledger.resolve([{ provider: "P", orderId: "a" }], { status: "CANCELLED", ...by });
    expect(await ledger.undelivered()).toEqual({ waiting: 2, abandoned: 0 });
    await close();
  });

  it("without a webhook no announcement is added", async () => {
    const { ledger, close } = await start({ announceSettled: false });
    await settle(ledger, "a");
    expect(await ledger.undelivered()).toEqual({ waiting: 0, abandoned: 0 });
    await close();
  });

  async function start({ announceSettled = true } = {}) {
    const clock = createTestClock();
    const ledger = createLedger(await open(await createDatabase(), clock), { leaseMs, announceSettled });
    return { ledger, clock, close: ledger.close };
  }
});

async function settle(ledger: Ledger, orderId: string, progress: Progress = ended): Promise<void> {
  const { claims } = await ledger.open({ provider: "P", orderIds: [orderId], requestedBy: null, claim: 1 });
  await ledger.write(claims.map((claim) => answeredTransition(claim, progress)));
}
