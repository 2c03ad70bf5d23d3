import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Ledger } from "../../src/domain/ledger.ts";
import { createLedger } from "../../src/ledger/ledger.ts";
import type { Store } from "../../src/ledger/store.ts";
import { answeredTransition, settledProgress } from "../support/claims.ts";
import { testedStores } from "../support/stores.ts";

const day = 24 * 60 * 60 * 1000;
const old = { olderThanMs: day, limit: 100 };

describe.each(testedStores())("retention on $name", (tested) => {
  let nowMs: number;
  let store: Store;
  let ledger: Ledger;

  beforeEach(async () => {
    nowMs = 1_800_000_000_000;
    store = await tested.open(await tested.createDatabase(), { now: () => nowMs, elapsed: () => nowMs });
    ledger = createLedger(store, { leaseMs: 30_000 });
  });
  afterEach(() => ledger.close());

  it("records that were settled longer ago are deleted with their history; later ones are kept", async () => {
    await settle("CANCELLED", "a", "b");
    nowMs += 5;
    await settle("UNCONFIRMED", "c");
    nowMs += day - 4;
    expect(await ledger.deleteSettled(old)).toBe(2);
    expect(await statuses("a", "b", "c")).toEqual([undefined, undefined, "UNCONFIRMED"]);
    expect(await orphans()).toBe(0);
    nowMs += 5;
    expect(await ledger.deleteSettled(old)).toBe(1);
    expect(await ledger.deleteSettled(old)).toBe(0);
  });

  it("a PENDING record is kept at any age, also if it was settled before", async () => {
    await open("a");
    await settle("REJECTED", "b");
    await open("b");
    nowMs += 1000 * day;
    expect(await ledger.deleteSettled(old)).toBe(0);
    expect(await statuses("a", "b")).toEqual(["PENDING", "PENDING"]);
  });

  it("many old records: those that were settled longest ago are deleted first", async () => {
    for (const orderId of ["c", "a", "b"]) {
      await settle("REJECTED", orderId);
      nowMs += 1;
    }
    nowMs += day;
    expect(await ledger.deleteSettled({ ...old, limit: 2 })).toBe(2);
    expect(await statuses("a", "b", "c")).toEqual([undefined, "REJECTED", undefined]);
  });

  it("an order that is asked for after its record was deleted is a new one", async () => {
    await settle("CANCELLED", "a");
    nowMs += 2 * day;
    await ledger.deleteSettled(old);
    expect((await open("a")).claims).toHaveLength(1);
  });

  it("several instances that delete and open the same orders at once lose none", async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `order ${index}`);
    await settle("REJECTED", ...ids);
    nowMs += 2 * day;
    const instances = [ledger, createLedger(store, { leaseMs: 30_000 }), createLedger(store, { leaseMs: 30_000 })];
    const limit = { ...old, limit: 7 };
    const work = instances.flatMap((each, index) => [
      each.deleteSettled(limit),
      each.deleteSettled(limit),
      each.open({ provider: "P", orderIds: ids.slice(index * 20, index * 20 + 20), requestedBy: null, claim: 20 }),
      each.deleteSettled(limit),
    ]);
    await Promise.all<unknown>(work);
    expect(await statuses(...ids)).toEqual(ids.map(() => "PENDING"));
    expect(await orphans()).toBe(0);
  });

  function open(...orderIds: string[]) {
    return ledger.open({ provider: "P", orderIds, requestedBy: null, claim: orderIds.length });
  }

  async function settle(status: "CANCELLED" | "REJECTED" | "UNCONFIRMED", ...orderIds: string[]): Promise<void> {
    const sent = await ledger.markSent((await open(...orderIds)).claims);
    await ledger.write(sent.map((claim) => answeredTransition(claim, settledProgress(status))));
  }

  async function statuses(...orderIds: string[]) {
    const records = await ledger.read(orderIds.map((orderId) => ({ provider: "P", orderId })));
    return records.map((record) => record?.status);
  }

  async function orphans(): Promise<number> {
    const { rows } = await sql<{ many: number }>`
      select count(*) as many from cancellation_events
      where cancellation_id not in (select id from cancellations)`.execute(store.db);
    return Number(rows[0]?.many);
  }
});
