import type { Kysely } from "kysely";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { groupCommit } from "../../src/ledger/queue/group-commit.ts";
import type { Tables } from "../../src/ledger/schema.ts";
import { openSqlite } from "../../src/ledger/sqlite/sqlite.ts";
import type { Store } from "../../src/ledger/store.ts";
import { createTestClock } from "../support/clock.ts";

const options = { parallel: 1, mostCallers: 100, afterFailure: () => "alone" as const, elapsed: () => 0 };

describe("transactions of many callers", () => {
  let store: Store;
  beforeEach(async () => {
    store = await openSqlite(":memory:", createTestClock());
  });
  afterEach(() => store.close());

  it.each([
    { callers: 100, rows: 1, transactions: 1 },
    { callers: 101, rows: 1, transactions: 2 },
    { callers: 11, rows: 100, transactions: 2 },
    { callers: 4, rows: 500, transactions: 2 },
    { callers: 3, rows: 5000, transactions: 3 },
  ])("$callers with $rows rows each are committed in $transactions", async ({ callers, rows, transactions }) => {
    const begun = vi.spyOn(store.db, "transaction");
    const { transact } = groupCommit(store.db, options);
    const results = await Promise.all(Array.from({ length: callers }, (_, index) => transact(async () => index, rows)));
    expect(results).toEqual(results.map((_, index) => index));
    expect(begun).toHaveBeenCalledTimes(transactions);
  });

  it("work that is the same for all of them is done once, and each gets the results of its own items", async () => {
    const { transactShared } = groupCommit(store.db, options);
    const runs: (readonly number[])[] = [];
    const double = async (_: unknown, items: readonly number[]) => {
      runs.push(items);
      return items.map((item) => item * 2);
    };
    const results = await Promise.all([[1, 2], [], [3]].map((items) => transactShared(double, items)));
    expect(results).toEqual([[2, 4], [], [6]]);
    expect(runs).toEqual([[1, 2, 3]]);
  });

  it("if the work of one fails, the others' is done without theirs", async () => {
    const { transactShared } = groupCommit(store.db, options);
    const refuseZero = async (_: unknown, items: readonly number[]) => {
      if (items.includes(0)) throw new Error("zero");
      return items;
    };
    const results = await Promise.allSettled([[1], [0], [2]].map((items) => transactShared(refuseZero, items)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  it("if one fails the others are committed", async () => {
    const { transact } = groupCommit(store.db, options);
    const results = await Promise.allSettled([
      transact(async () => "first"),
      transact(async () => {
        throw new Error("a fault");
      }),
      transact(async () => "last"),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  it("if the same would happen to the others, they are rejected with the one that failed, and not tried one by one", async () => {
    const { transact } = groupCommit(store.db, { ...options, afterFailure: () => "fail" });
    let tries = 0;
    const work = async () => {
      tries += 1;
      throw new Error("locked");
    };
    const results = await Promise.allSettled([transact(work), transact(work), transact(work)]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(tries).toBe(1);
  });

  it("a deadlock's victim is tried once more, with all others", async () => {
    const { transact } = groupCommit(store.db, { ...options, afterFailure: () => "repeat" });
    let tries = 0;
    const victim = transact(async () => {
      tries += 1;
      if (tries === 1) throw new Error("deadlock");
      return "done";
    });
    expect(await Promise.all([victim, transact(async () => "too")])).toEqual(["done", "too"]);
  });

  it("small work goes before bulk that waits for longer, and bulk is not left behind", async () => {
    const { transact } = groupCommit(store.db, options);
    const order: string[] = [];
    const note = (name: string, rows: number) => transact(async () => void order.push(name), rows);
    await Promise.all([note("bulk 1", 500), note("bulk 2", 500), note("bulk 3", 500), note("small", 1)]);
    expect(order).toEqual(["small", "bulk 1", "bulk 2", "bulk 3"]);
  });

  it("work that has waited for too long is rejected", async () => {
    let now = 0;
    const { transact } = groupCommit(store.db, { ...options, elapsed: () => now });
    const first = transact(async () => {
      now = 10_001;
    }, 1000);
    await expect(transact(async () => "late", 1000)).rejects.toMatchObject({ code: "POOL_TIMEOUT" });
    await first;
  });
});

describe("several transactions at once", () => {
  it("one works at a time, and what arrives meanwhile shares the next one, which does not wait for the commit", async () => {
    const database = slowCommits();
    const { transactShared } = groupCommit(database.db, { ...options, parallel: 2 });
    const works = Promise.withResolvers<void>();
    const runs: (readonly number[])[] = [];
    const work = async (_: unknown, items: readonly number[]) => {
      runs.push(items);
      await works.promise;
      return items;
    };
    const first = transactShared(work, [1]);
    await vi.waitFor(() => expect(runs).toEqual([[1]]));
    const others = [transactShared(work, [2]), transactShared(work, [3])];
    works.resolve();
    await vi.waitFor(() => expect(runs).toEqual([[1], [2, 3]]));
    expect(database.begun).toBe(2);
    database.commit();
    expect(await Promise.all([first, ...others])).toEqual([[1], [2], [3]]);
  });

  it("one that waits for a locked row does not keep the next one", async () => {
    const database = slowCommits();
    database.commit();
    const { transact } = groupCommit(database.db, { ...options, parallel: 2 });
    const unlocked = Promise.withResolvers<void>();
    const waiting = transact(() => unlocked.promise);
    await vi.waitFor(() => expect(database.begun).toBe(1));
    expect(await transact(async () => "done")).toBe("done");
    unlocked.resolve();
    await waiting;
  });

  /** A database that commits nothing before it is told so. */
  function slowCommits() {
    const committed = Promise.withResolvers<void>();
    const database = { begun: 0, commit: committed.resolve, db: {} as Kysely<Tables> };
    const execute = async (work: (transaction: unknown) => Promise<unknown>) => {
      database.begun += 1;
      const result = await work({});
      await committed.promise;
      return result;
    };
    database.db = { transaction: () => ({ execute }) } as unknown as Kysely<Tables>;
    return database;
  }
});
