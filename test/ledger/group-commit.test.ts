import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { groupCommit } from "../../src/ledger/group-commit.ts";
import { openSqlite } from "../../src/ledger/sqlite/sqlite.ts";
import type { Store } from "../../src/ledger/store.ts";
import { createTestClock } from "../support/clock.ts";

describe("transactions of many callers", () => {
  let store: Store;
  beforeEach(async () => {
    store = await openSqlite(":memory:", createTestClock());
  });
  afterEach(() => store.close());

  it.each([
    { callers: 100, rows: 1, transactions: 1 },
    { callers: 101, rows: 1, transactions: 2 },
    { callers: 10, rows: 100, transactions: 2 },
    { callers: 4, rows: 500, transactions: 4 },
    { callers: 3, rows: 5000, transactions: 3 },
  ])("$callers with $rows rows each are committed in $transactions", async ({ callers, rows, transactions }) => {
    const begun = vi.spyOn(store.db, "transaction");
    const transact = groupCommit(store.db, 1);
    const results = await Promise.all(Array.from({ length: callers }, (_, index) => transact(async () => index, rows)));
    expect(results).toEqual(results.map((_, index) => index));
    expect(begun).toHaveBeenCalledTimes(transactions);
  });

  it("if one fails the others are committed", async () => {
    const transact = groupCommit(store.db, 1);
    const results = await Promise.allSettled([
      transact(async () => "first"),
      transact(async () => {
        throw new Error("a fault");
      }),
      transact(async () => "last"),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });
});
