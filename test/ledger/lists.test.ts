import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Ledger, PageFilter } from "../../src/domain/ledger.ts";
import { createLedger } from "../../src/ledger/ledger.ts";
import { createPages } from "../../src/ledger/records/lists.ts";
import type { Store } from "../../src/ledger/store.ts";
import { answeredTransition, settledProgress } from "../support/claims.ts";
import { testedStores } from "../support/stores.ts";

const unknown = { code: "OUTCOME_UNKNOWN", providerCode: null, providerMessage: null } as const;

describe.each(testedStores())("lists and counts, on $name", (tested) => {
  const startMs = Math.floor(1_800_000_000_000 / 60_000) * 60_000;
  let nowMs: number;
  let store: Store;
  let ledger: Ledger;

  beforeEach(async () => {
    nowMs = startMs;
    store = await tested.open(await tested.createDatabase(), { now: () => nowMs, elapsed: () => nowMs });
    ledger = createLedger(store, { leaseMs: 30_000 });
  });
  afterEach(() => ledger.close());

  it("a subject's or a request's orders: all for which it asked something, newest or oldest first", async () => {
    await ask("P", ["a", "b"], "alice", "r-1");
    await ask("Q", ["c"], "bob", "r-2");
    await end("UNCONFIRMED", "P");
    await ask("P", ["a"], "bob", "r-3");
    expect(await listed({ requestedBy: "alice" })).toEqual(["b", "a"]);
    expect(await listed({ requestedBy: "bob" })).toEqual(["c", "a"]);
    expect(await listed({ requestedBy: "bob", oldestFirst: true })).toEqual(["a", "c"]);
    expect(await listed({ requestId: "r-1" })).toEqual(["b", "a"]);
    expect(await listed({ requestId: "r-3" })).toEqual(["a"]);
    expect(await listed({ requestId: "r-1", requestedBy: "bob" })).toEqual(["a"]);
    expect(await listed({ requestedBy: "bob", provider: "Q" })).toEqual(["c"]);
    expect(await listed({ requestedBy: "alice", status: "UNCONFIRMED" })).toEqual(["b"]);
    expect(await listed({ requestedBy: "carol" })).toEqual([]);
  });

  it("what a person resolved is listed as asked for by them, too", async () => {
    await ask("P", ["a"], "alice", "r-1");
    await end("UNCONFIRMED", "P");
    const by = { requestedBy: "bob", requestId: "r-2" };
    await ledger.resolve([{ provider: "P", orderId: "a" }], { status: "REJECTED", note: "seen", ...by });
    expect(await listed({ requestedBy: "bob", status: "REJECTED" })).toEqual(["a"]);
  });

  it("orders by their keys, and by when they ended: PENDING ones have not ended", async () => {
    await ask("P", ["a", "b"]);
    await ask("Q", ["a"]);
    await end("REJECTED", "P");
    nowMs += 1000;
    await ask("P", ["c"]);
    await end("UNCONFIRMED", "P");
    const keys = [
      { provider: "P", orderId: "a" },
      { provider: "Q", orderId: "a" },
      { provider: "R", orderId: "a" },
    ];
    expect(await listed({ keys })).toEqual(["a", "a"]);
    expect(await listed({ keys, status: "PENDING" })).toEqual(["a"]);
    expect(await listed({ settledBefore: startMs })).toEqual([]);
    expect(await listed({ settledBefore: startMs + 1 })).toEqual(["b", "a"]);
    expect(await listed({ settledBefore: startMs + 2000, oldestFirst: true })).toEqual(["a", "b", "c"]);
    expect(await listed({ settledBefore: startMs + 2000, status: "UNCONFIRMED" })).toEqual(["c"]);
  });

  it.each([true, false])(
    "parts follow each other without gaps while new orders come in; oldest first: %s",
    async (oldestFirst) => {
      const ids = Array.from({ length: 7 }, (_, index) => `o-${index}`);
      await ask("P", ids, "alice");
      for (const filter of [{}, { requestedBy: "alice" }, { provider: "P", settledBefore: startMs + 1 }]) {
        if ("settledBefore" in filter) await end("UNCONFIRMED", "P");
        const seen: string[] = [];
        let after: number | null = null;
        do {
          const page = await ledger.page({ ...filter, first: 3, after, oldestFirst });
          seen.push(...page.records.map(({ orderId }) => orderId));
          await ask("Q", [`later-${seen.length}`]);
          after = page.after;
        } while (after !== null);
        const first = seen.filter((id) => id.startsWith("o-"));
        expect(first).toEqual(oldestFirst ? ids : ids.toReversed());
      }
    },
  );

  it("a subject asked for many orders, and few of them pass: a part ends where they do", async () => {
    const many = await askForMany("service");
    await end("UNCONFIRMED", "P", [many[4] ?? "", many[26] ?? ""]);
    await end("REJECTED", "P");
    const rare = { requestedBy: "service", requestId: "r", status: "UNCONFIRMED" } as const;
    expect(await parts({ ...rare, first: 2 })).toEqual([[many[26], many[4]]]);
    await ask("P", ["x"], "alice");
    expect(await parts({ requestedBy: "alice", requestId: "r", first: 2 })).toEqual([["x"]]);
  });

  it("one of many passes, and no filter alone leaves few: some parts are empty, and together they miss none", async () => {
    const many = await askForMany("service");
    await end("REJECTED", "P", [many[1] ?? ""]);
    nowMs += 1000;
    await end("REJECTED", "P");
    const first = { requestedBy: "service", status: "REJECTED", settledBefore: startMs + 1, first: 2 } as const;
    expect(await parts(first)).toEqual([[], [], [many[1]]]);
    expect(await parts({ ...first, oldestFirst: true })).toEqual([[many[1]], [], []]);
  });

  it("counts how many stand how, and since when the oldest request waits", async () => {
    await ask("P", ["a"]);
    nowMs += 10;
    await ask("P", ["b", "c"]);
    await ask("Q", ["d"]);
    await end("UNCONFIRMED", "P", ["a", "b"]);
    const standing = await ledger.counts(["P", "Q", "R"]);
    expect(standing.toSorted((a, b) => a.count - b.count || a.provider.localeCompare(b.provider))).toEqual([
      { provider: "P", status: "PENDING", problemCode: null, count: 1, oldestRequestedAt: startMs + 10 },
      { provider: "Q", status: "PENDING", problemCode: null, count: 1, oldestRequestedAt: startMs + 10 },
      { provider: "P", status: "UNCONFIRMED", problemCode: "OUTCOME_UNKNOWN", count: 2, oldestRequestedAt: startMs },
    ]);
  });

  it("tells how many ended how in each minute, oldest first; what ended earlier is left out", async () => {
    await ask("P", ["a"]);
    await end("REJECTED", "P");
    nowMs += 3 * 60_000;
    await ask("P", ["b", "c"]);
    await end("UNCONFIRMED", "P");
    nowMs += 60_000 + 59_999;
    await ask("Q", ["d"]);
    await end("CANCELLED", "Q");
    expect(await ledger.settledByMinute(3)).toEqual([
      { provider: "P", status: "UNCONFIRMED", minute: startMs + 3 * 60_000, count: 2 },
      { provider: "Q", status: "CANCELLED", minute: startMs + 4 * 60_000, count: 1 },
    ]);
    expect(await ledger.settledByMinute(4)).toHaveLength(3);
  });

  async function askForMany(requestedBy: string): Promise<string[]> {
    const ids = Array.from({ length: 45 }, (_, index) => `o-${10 + index}`);
    await ask("P", ids, requestedBy);
    return ids;
  }

  async function parts(filter: PageFilter): Promise<string[][]> {
    const { records, after } = await createPages(store, 20).page(filter);
    const ids = records.map(({ orderId }) => orderId);
    return after === null ? [ids] : [ids, ...(await parts({ ...filter, after }))];
  }

  function ask(provider: string, orderIds: readonly string[], requestedBy: string | null = null, requestId = "r") {
    return ledger.open({ provider, orderIds, requestedBy, requestId, claim: 0 });
  }

  /** Ends what is PENDING at this provider, or these orders of it. */
  async function end(status: "CANCELLED" | "REJECTED" | "UNCONFIRMED", provider: string, orderIds?: readonly string[]) {
    const claims = await ledger.claimDue(provider, { limit: 10_000, held: [], takeOver: true });
    const ended = claims.filter(({ orderId }) => orderIds?.includes(orderId) ?? true);
    const problem = { CANCELLED: null, REJECTED: { ...unknown, code: "TOO_LATE" as const }, UNCONFIRMED: unknown }[
      status
    ];
    await ledger.write(ended.map((claim) => answeredTransition(claim, settledProgress(status, problem))));
    await ledger.release(claims.filter((claim) => !ended.includes(claim)));
  }

  async function listed(filter: Omit<PageFilter, "first">): Promise<string[]> {
    const page = await ledger.page({ ...filter, first: 50 });
    expect(page.after).toBeNull();
    return page.records.map(({ orderId }) => orderId);
  }
});
