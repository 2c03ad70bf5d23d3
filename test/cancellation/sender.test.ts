import { beforeEach, describe, expect, it } from "vitest";
import { createBreaker } from "../../src/cancellation/sending/breaker.ts";
import type { Permit } from "../../src/cancellation/sending/limiter.ts";
import { createSender, type Sender } from "../../src/cancellation/sending/sender.ts";
import type { Claim } from "../../src/domain/cancellation.ts";
import type { Transition } from "../../src/domain/ledger.ts";
import type { LookupResult, Outcome } from "../../src/domain/outcome.ts";
import { claimOf } from "../support/claims.ts";
import { createTestClock, type TestClock } from "../support/clock.ts";

/** The sender over a ledger, a limiter and a provider that note in one list what they are asked. */
describe("the sender", () => {
  let did: string[];
  let written: Transition[];
  let clock: TestClock;
  let paused: boolean;
  let ending: AbortController;
  let outcome: Outcome | undefined;
  let result: LookupResult;
  /** What the ledger answers to a mark. */
  let mark: (claims: readonly Claim[]) => Promise<Claim[]>;

  beforeEach(() => {
    [did, written, paused] = [[], [], false];
    clock = createTestClock();
    ending = new AbortController();
    outcome = { kind: "cancelled" };
    result = { kind: "cancelled" };
    mark = async (claims) => claims.map((claim) => ({ ...claim, attempts: claim.attempts + 1 }));
  });

  it("marks before it asks, and releases the permit before it writes the result", async () => {
    await create().send([due("a"), due("b")], [permit()]);
    expect(did).toEqual(["mark a,b", "cancel a", "cancel b", "release 0", "write a,b"]);
    expect(written).toMatchObject([{ attempts: 1, progress: { status: "CANCELLED" } }, { attempts: 1 }]);
  });

  it("passes the longest pause that the provider wants on to the permit", async () => {
    outcome = { kind: "notProcessed", code: "PROVIDER_BUSY", retryAfterMs: 7000 };
    await create().send([due("a"), due("b")], [permit()]);
    expect(did).toContain("release 7000");
  });

  it("asks for a look-up without a mark", async () => {
    await create().send([lookingUp("a")], [permit()]);
    expect(did).toEqual(["lookup a", "release 0", "write a"]);
  });

  it("needs a permit for each request, and releases those that it does not need", async () => {
    await create({ maxBatchSize: 1 }).send([due("a"), lookingUp("b")], [permit(), permit(), permit()]);
    expect(did.filter((what) => /^(release|cancel|lookup)/.test(what)).toSorted()).toEqual([
      "cancel a",
      "lookup b",
      "release 0",
      "release 0",
      "releaseUnused",
    ]);
  });

  it("sends only what this instance still holds when it is marked", async () => {
    mark = async (claims) => claims.filter(({ orderId }) => orderId === "b");
    await create().send([due("a"), due("b")], [permit()]);
    expect(did).toEqual(["mark a,b", "cancel b", "release 0", "write b"]);
  });

  it("sends nothing if the mark fails: the orders wait a second, with the attempts that they had", async () => {
    mark = async () => Promise.reject(new Error("away"));
    await create().send([due("a")], [permit()]);
    expect(did).toEqual(["mark a", "releaseUnused", "write a"]);
    expect(written).toMatchObject([{ attempts: 0, event: null, progress: { status: "PENDING", delayMs: 1000 } }]);
  });

  it.each<[string, () => void, Partial<Permit>]>([
    ["the mark took longer than sending may", () => clock.pass(2001), {}],
    ["the provider was paused meanwhile", () => pause(), {}],
    ["the permit has run out", () => {}, { maySend: () => false }],
  ])("sends nothing if %s: the mark is taken back", async (_, meanwhile, changes) => {
    const markAll = mark;
    mark = async (claims) => {
      meanwhile();
      return markAll(claims);
    };
    await create().send([due("a")], [permit(changes)]);
    expect(did).toEqual(["mark a", "releaseUnused", "write a"]);
    expect(written).toMatchObject([{ attempts: 0, event: null, progress: { status: "PENDING" } }]);
  });

  it("releases look-ups that cannot be sent, and writes nothing", async () => {
    await create().send([lookingUp("a")], [permit({ maySend: () => false })]);
    expect(did).toEqual(["releaseUnused", "hand back a"]);
  });

  it("hands everything back after the end, and while the provider is paused", async () => {
    paused = true;
    await create().send([due("a")], [permit()]);
    paused = false;
    ending.abort();
    await create().send([due("b")], [permit()]);
    expect(did).toEqual(["hand back a", "releaseUnused", "hand back b", "releaseUnused"]);
  });

  it("never sends again what an earlier holder may have sent: its outcome is unknown", async () => {
    await create().send([due("a", { sentAt: 1, attempts: 1 })], [permit()]);
    expect(did.toSorted()).toEqual(["releaseUnused", "write a"]);
    expect(written).toMatchObject([
      { attempts: 1, event: { problemCode: "OUTCOME_UNKNOWN" }, progress: { nextAction: "lookup", inDoubt: true } },
    ]);
  });

  it("while the circuit is open, marks and sends nothing, and puts the orders off", async () => {
    outcome = { kind: "unknown", failure: "TIMEOUT" };
    const sender = create();
    for (let times = 0; times < 10; times += 1) await sender.send([due("a")], [permit()]);
    did.length = 0;
    await sender.send([due("a"), due("b")], [permit()]);
    expect(did).toEqual(["releaseUnused", "write a,b"]);
    expect(written.at(-1)).toMatchObject({
      event: null,
      progress: { nextAction: "cancel", problem: { code: "PROVIDER_UNAVAILABLE" } },
    });
  });

  it("if the client throws, the outcome is unknown", async () => {
    outcome = undefined;
    await create().send([due("a")], [permit()]);
    expect(written).toMatchObject([{ attempts: 1, progress: { nextAction: "lookup", inDoubt: true } }]);
  });

  function pause(): void {
    paused = true;
  }

  function create({ maxBatchSize = 100 } = {}): Sender {
    const { elapsed } = clock;
    return createSender({
      ...{ provider: "P", maxBatchSize, paused: () => paused, signal: ending.signal, elapsed, random: () => 0 },
      client: {
        cancel: async (orderId) => {
          did.push(`cancel ${orderId}`);
          if (!outcome) throw new Error("a bug");
          return outcome;
        },
        lookup: async (orderId) => {
          did.push(`lookup ${orderId}`);
          return result;
        },
      },
      ledger: {
        markSent: async (claims) => {
          did.push(`mark ${idsOf(claims)}`);
          return mark(claims);
        },
      },
      writer: {
        write: async (_provider, steps) => {
          if (steps.length === 0) return;
          written.push(...steps);
          did.push(`write ${idsOf(steps.map(({ claim }) => claim))}`);
        },
        release: async (claims) => void did.push(`hand back ${idsOf(claims)}`),
      },
      breaker: createBreaker("P", elapsed, () => {}),
      traces: { of: () => [] },
      policy: { retryDelaysMs: [1000], giveUpAfterMs: 60_000, lookupDelaysMs: [2000] },
      emit: () => {},
    });
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
});

function due(orderId: string, changes: Partial<Claim> = {}): Claim {
  return claimOf({ orderId, attempts: 0, ...changes });
}

function lookingUp(orderId: string): Claim {
  return due(orderId, { nextAction: "lookup", attempts: 1, inDoubt: true });
}

function idsOf(claims: readonly Claim[]): string {
  return claims.map(({ orderId }) => orderId).join();
}
