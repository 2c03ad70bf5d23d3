import { beforeEach, describe, expect, it } from "vitest";
import { createConsumer } from "../../src/cancellation/sending/consumer.ts";
import type { Permit } from "../../src/cancellation/sending/limiter.ts";
import type { Claim } from "../../src/domain/cancellation.ts";
import type { ClaimOptions } from "../../src/domain/ledger.ts";
import { claimOf } from "../support/claims.ts";

/** The consumer over a ledger, a limiter and a provider that only note what they are asked. */
type Asked = Pick<ClaimOptions, "limit" | "select" | "first">;

describe("the consumer", () => {
  let asked: Asked[];
  /** What is claimed next, one group for each request. */
  let due: Claim[][];
  let sent: { claims: readonly Claim[]; permits: readonly Permit[] }[];
  let skipped: Claim[];
  let rests: number[];
  let failures: unknown[];
  let free: number;
  let admits: "all" | "probe" | "none";
  let ending: AbortController;
  let paused: boolean;
  /** What each claim was told of the records in hand, and of others' leases. */
  let inHand: Pick<ClaimOptions, "held" | "takeOver">[];
  /** Until this resolves, what is sent is under way. */
  let answering: Promise<void> | undefined;

  beforeEach(() => {
    [asked, due, sent, skipped, rests, failures] = [[], [], [], [], [], []];
    free = 100;
    admits = "all";
    ending = new AbortController();
    [paused, inHand, answering] = [false, [], undefined];
  });

  it("claims as many orders as can be sent at once, and sends them with their permits, until none is due", async () => {
    free = 3;
    due = [[claimOf({ id: 1 }), claimOf({ id: 2 })]];
    await pullAll({ maxBatchSize: 1 });
    expect(asked.map(({ limit }) => limit)).toEqual([3, 3]);
    expect(sent.map(({ claims, permits }) => [claims.length, permits.length])).toEqual([
      [2, 3],
      [0, 3],
    ]);
  });

  it("while the circuit is open, claims only what may be given up, and leaves the rest to other instances", async () => {
    admits = "none";
    due = [[claimOf({ id: 1 })]];
    await pullAll();
    expect(asked.map(({ select }) => select)).toEqual(Array(2).fill({ kind: "old", olderThanMs: 900_000 }));
    expect(skipped.map(({ id }) => id)).toEqual([1]);
    expect(sent).toEqual([]);
    expect(rests).toEqual([5000]);
  });

  it("holds what is under way until its step is over, and never claims it again", async () => {
    const answered = Promise.withResolvers<void>();
    answering = answered.promise;
    due = [[claimOf({ id: 7 }), claimOf({ id: 9 })]];
    const consumer = create();
    consumer.pull();
    await expect.poll(() => inHand).toHaveLength(2);
    expect(inHand[1]).toEqual({ held: [7, 9], takeOver: false });
    expect([...consumer.held].map(({ id }) => id)).toEqual([7, 9]);
    answered.resolve();
    await consumer.idle();
    expect([...consumer.held]).toEqual([]);
  });

  it("claims nothing of a paused provider, and releases the permits", async () => {
    paused = true;
    due = [[claimOf({ id: 1 })]];
    await pullAll();
    expect(asked).toEqual([]);
    expect(sent.map(({ claims, permits }) => [claims.length, permits.length > 0])).toEqual([[0, true]]);
  });

  it("probes with one request", async () => {
    admits = "probe";
    await pullAll({ maxBatchSize: 10 });
    expect(asked).toMatchObject([{ limit: 10, select: { kind: "probe" } }]);
    expect(sent[0]?.permits).toHaveLength(1);
  });

  it("a request with suspects is followed by one that prefers others, and the other way round", async () => {
    due = [[claimOf({ maxBatch: 5 })], [claimOf({})], [claimOf({})]];
    free = 1;
    await pullAll({ maxBatchSize: 10 });
    const first = asked.map(({ select }) => select?.kind === "oneRequest" && select.isolatedFirst);
    expect(first).toEqual([true, false, true, true]);
  });

  it("orders that somebody waits for get half of the requests, and are not asked for more than three times", async () => {
    free = 1;
    due = Array.from({ length: 8 }, (_, id) => [claimOf({ id: 100 + id })]);
    const consumer = create({ maxBatchSize: 1 });
    consumer.pullFirst(7);
    await consumer.idle();
    expect(asked.map(({ first }) => first)).toEqual([[7], [], [7], [], [7], [], [], [], []]);
  });

  it("gives no permits beside the line while something waits in it, nor while the provider may be down", async () => {
    const consumer = create();
    expect(consumer.reserve(5)).toHaveLength(5);
    consumer.pull();
    expect(consumer.reserve(5)).toEqual([]);
    await consumer.idle();
    admits = "probe";
    expect(consumer.reserve(5)).toEqual([]);
    admits = "all";
    paused = true;
    expect(consumer.reserve(5)).toEqual([]);
    paused = false;
    ending.abort();
    expect(consumer.reserve(5)).toEqual([]);
  });

  it("tells of a permit that could not be had, and pulls again when it is asked to", async () => {
    const consumer = create({ failing: true });
    consumer.pull();
    await consumer.idle();
    consumer.pull();
    await consumer.idle();
    expect(failures).toHaveLength(2);
  });

  async function pullAll(options: Parameters<typeof create>[0] = {}): Promise<void> {
    const consumer = create(options);
    consumer.pull();
    await consumer.idle();
  }

  function create({ maxBatchSize = 1, failing = false } = {}) {
    const permit = () => ({}) as Permit;
    return createConsumer({
      provider: "P",
      paused: () => paused,
      limiter: {
        acquire: async () => {
          if (failing) throw new Error("away");
          return permit();
        },
        acquireFree: (most) => Array.from({ length: Math.min(most, free - 1, 5) }, permit),
      },
      breaker: {
        state: "CLOSED",
        get admits() {
          return admits;
        },
        restMs: () => 5000,
      },
      maxBatchSize,
      giveUpAfterMs: 900_000,
      ledger: {
        claimDue: async (_provider, { limit, select, first, ...others }) => {
          asked.push({ limit, ...(select && { select }), ...(first && { first }) });
          inHand.push(others);
          return due.shift() ?? [];
        },
      },
      health: { mayClaim: true, mayTakeOver: false, failed: (_event, error) => void failures.push(error) },
      sender: {
        send: async (claims, permits) => {
          sent.push({ claims, permits });
          await answering;
        },
        skip: async (claims) => void skipped.push(...claims),
      },
      alarm: { now: () => {}, in: (restMs) => void rests.push(restMs) },
      signal: ending.signal,
      emit: () => {},
    });
  }
});
