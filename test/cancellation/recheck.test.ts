import { beforeEach, describe, expect, it } from "vitest";
import { createRecheck } from "../../src/cancellation/recheck.ts";
import { createAsker } from "../../src/cancellation/sending/asker.ts";
import { createBreaker } from "../../src/cancellation/sending/breaker.ts";
import type { Permit } from "../../src/cancellation/sending/limiter.ts";
import type { CancellationStatus, OrderKey } from "../../src/domain/cancellation.ts";
import type { ServiceEvent } from "../../src/domain/events.ts";
import type { RecordedLookup } from "../../src/domain/ledger.ts";
import type { LookupResult } from "../../src/domain/outcome.ts";
import { recordOf } from "../support/records.ts";

const by = { requestedBy: "bob", requestId: "r-1" };

/** Over a provider, a limiter and a ledger that note in one list what they are asked. */
describe("looking UNCONFIRMED orders up once more", () => {
  let did: string[];
  let events: ServiceEvent[];
  let recorded: RecordedLookup[];
  let nowMs: number;
  let paused: boolean;
  let ending: AbortController;
  let statuses: Record<string, CancellationStatus>;
  let answer: (orderId: string) => Promise<LookupResult>;
  let acquire: () => Promise<Permit>;
  let record: (lookups: readonly RecordedLookup[]) => Promise<void>;

  beforeEach(() => {
    [did, events, recorded, nowMs, paused, statuses] = [[], [], [], 0, false, {}];
    ending = new AbortController();
    answer = async () => ({ kind: "open" });
    acquire = async () => permit();
    record = async () => {};
  });

  it.each<[LookupResult, string, string | undefined]>([
    [{ kind: "cancelled" }, "CANCELLED", undefined],
    [{ kind: "closed", code: "TOO_LATE", providerCode: "paid" }, "REJECTED", "TOO_LATE"],
    [{ kind: "open", providerCode: "created" }, "UNCONFIRMED", "OUTCOME_UNKNOWN"],
    [{ kind: "unclear" }, "UNCONFIRMED", "OUTCOME_UNKNOWN"],
    [{ kind: "unclear", saysCancelled: true }, "UNCONFIRMED", "OUTCOME_UNKNOWN"],
    [{ kind: "unanswered" }, "UNCONFIRMED", "OUTCOME_UNKNOWN"],
    [{ kind: "unanswered", busy: true, retryAfterMs: 9000 }, "UNCONFIRMED", "OUTCOME_UNKNOWN"],
  ])("answered %j: %s", async (result, status, code) => {
    answer = async () => result;
    expect(await recheck(["a"])).toMatchObject({ unasked: [] });
    const { progress, event } = recorded[0] ?? {};
    expect([progress?.status, progress?.problem?.code]).toEqual([status, code]);
    expect(progress?.problem?.providerCode ?? null).toBe(result.providerCode ?? null);
    expect(event).toMatchObject({ ...by, providerCode: result.providerCode ?? null });
    expect(did).toEqual(["lookup a", `release ${"retryAfterMs" in result ? 9000 : 0}`]);
  });

  it("an answer without words: what the provider said before stays", async () => {
    answer = async () => ({ kind: "unanswered" });
    await recheck(["said"]);
    expect(recorded[0]?.progress.problem).toMatchObject({ code: "OUTCOME_UNKNOWN", providerMessage: "hm" });
  });

  it.each(["PENDING", "CANCELLED", "REJECTED"] as const)("a record that is %s: not looked up", async (status) => {
    statuses.a = status;
    const { records, unasked } = await recheck(["a"]);
    expect([records[0]?.status, unasked, did]).toEqual([status, [], []]);
  });

  it("as many orders as the provider takes leave in one request; a batch that is refused as a whole comes again in halves", async () => {
    answer = async (id) =>
      did.filter((what) => what.startsWith("lookup")).length <= 3
        ? { kind: "batchRefused", orders: 3 }
        : id === "b"
          ? { kind: "unanswered" }
          : { kind: "cancelled" };
    expect(await recheck(["a", "b", "c"], { maxBatchSize: 3 })).toMatchObject({ unasked: [] });
    expect(did.filter((what) => what.startsWith("lookup"))).toEqual(
      ["a", "b", "c", "a", "b", "c"].map((id) => `lookup ${id}`),
    );
    expect(did.filter((what) => what.startsWith("release"))).toHaveLength(3);
    expect(recorded.map(({ progress }) => progress.status)).toEqual(["CANCELLED", "UNCONFIRMED", "CANCELLED"]);
  });

  it("one order that is refused as a batch of one: unanswered, and not asked for ever", async () => {
    answer = async () => ({ kind: "batchRefused", orders: 1 });
    await recheck(["a"]);
    expect(recorded).toMatchObject([{ progress: { status: "UNCONFIRMED" } }]);
    expect(did).toEqual(["lookup a", "release 0"]);
  });

  it.each<[string, () => void, string, string[]]>([
    ["the provider is paused", () => pause(), "paused", ["releaseUnused"]],
    ["the service stops", () => ending.abort(), "late", []],
    ["no permit comes in time", () => busy(), "late", []],
    ["the permit comes too late to send", () => stale(), "late", ["releaseUnused"]],
  ])("if %s, nothing is sent, the permit is back, and the reason is told", async (_, change, why, expected) => {
    change();
    expect(await recheck(["a"], { waitMs: 20 })).toMatchObject({ unasked: [{ order: { orderId: "a" }, why }] });
    expect([did, recorded]).toEqual([expected, []]);
  });

  it("a permit that comes after the deadline is released", async () => {
    const late = Promise.withResolvers<Permit>();
    acquire = () => late.promise;
    await recheck(["a"], { waitMs: 20 });
    late.resolve(permit());
    await expect.poll(() => did).toEqual(["releaseUnused"]);
  });

  it("a provider without look-ups is not asked", async () => {
    expect(await recheck(["a"], { canLookUp: false })).toMatchObject({ unasked: [{ why: "no-lookup" }] });
    expect(did).toEqual([]);
  });

  it("after ten answers that say the provider is down, no more is sent, and the rest is told so", async () => {
    answer = async () => ({ kind: "unanswered", failure: "RESET" });
    const ids = Array.from({ length: 12 }, (_, index) => `o-${index}`);
    // One at a time: each answer is there before the next request.
    acquire = async () => {
      await new Promise(setImmediate);
      return permit();
    };
    const { unasked } = await recheck(ids);
    expect(unasked.map(({ order, why }) => [order.orderId, why])).toEqual([
      ["o-10", "circuit"],
      ["o-11", "circuit"],
    ]);
  });

  it("an answer that comes after the deadline: the caller is told so, and it is recorded nevertheless", async () => {
    const hanging = Promise.withResolvers<LookupResult>();
    answer = () => hanging.promise;
    expect(await recheck(["a"], { waitMs: 20 })).toMatchObject({
      unasked: [{ order: { orderId: "a" }, why: "unanswered" }],
    });
    expect(recorded).toEqual([]);
    hanging.resolve({ kind: "cancelled" });
    await expect.poll(() => recorded.map(({ progress }) => progress.status)).toEqual(["CANCELLED"]);
  });

  it("the ledger takes no result: the request fails, no further order is asked, and no permit is kept", async () => {
    record = () => Promise.reject(new Error("the database is away"));
    acquire = async () => {
      await new Promise(setImmediate);
      return permit();
    };
    await expect(recheck(["a", "b", "c"])).rejects.toThrow("the database is away");
    expect(did.filter((what) => what.startsWith("lookup"))).not.toContain("lookup c");
    await expect.poll(() => did.filter((what) => what.startsWith("release")).length).toBe(lookups());
    expect(events.map(({ event }) => event)).toContain("recheck-failed");
  });

  it("what it settles is counted", async () => {
    answer = async (id) => (id === "a" ? { kind: "cancelled" } : { kind: "open" });
    await recheck(["a", "b"]);
    expect(events.filter(({ event }) => event === "settled")).toMatchObject([{ outcomes: { CANCELLED: 1 } }]);
  });

  function recheck(ids: readonly string[], { maxBatchSize = 1, canLookUp = true, waitMs = 60_000 } = {}) {
    const emit = (event: ServiceEvent) => void events.push(event);
    const elapsed = () => nowMs;
    const lookup = (orderId: string) => {
      did.push(`lookup ${orderId}`);
      return answer(orderId);
    };
    const asker = createAsker({
      ...{ provider: "P", maxBatchSize, elapsed, emit, signal: ending.signal },
      client: canLookUp ? { lookup } : {},
      limiter: { acquire: () => acquire() },
      breaker: createBreaker("P", elapsed, emit),
      traces: { of: () => [] },
      paused: () => paused,
    });
    const run = createRecheck({ ledger: { read, recordLookups }, askerOf: () => asker, waitMs, elapsed, emit });
    return run(
      ids.map((orderId) => ({ provider: "P", orderId })),
      by,
    );
  }

  async function read(keys: readonly OrderKey[]) {
    return keys.map(({ provider, orderId }) => {
      const status = statuses[orderId] ?? "UNCONFIRMED";
      const problem = {
        code: "OUTCOME_UNKNOWN",
        providerCode: null,
        providerMessage: orderId === "said" ? "hm" : null,
      } as const;
      return { ...recordOf(orderId, status), provider, problem };
    });
  }

  async function recordLookups(found: readonly RecordedLookup[]) {
    await record(found);
    recorded.push(...found);
    return found.map((each) => ({ ...each.record, ...each.progress }));
  }

  function permit(changes: Partial<Permit> = {}): Permit {
    return {
      waitMs: 0,
      maySend: () => true,
      release: async (pauseMs) => void did.push(`release ${pauseMs}`),
      releaseUnused: async () => void did.push("releaseUnused"),
      ...changes,
    };
  }

  function lookups(): number {
    return did.filter((what) => what.startsWith("lookup")).length;
  }

  function pause(): void {
    paused = true;
  }

  function busy(): void {
    acquire = () => new Promise(() => {});
  }

  function stale(): void {
    acquire = async () => permit({ maySend: () => false });
  }
});
