import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Cancellation, Claim, Progress } from "../../src/domain/cancellation.ts";
import type { ClaimOptions, Ledger, Transition } from "../../src/domain/ledger.ts";
import { createLedger } from "../../src/ledger/ledger.ts";
import type { Store } from "../../src/ledger/store.ts";
import { answeredTransition, settledProgress } from "../support/claims.ts";
import { testedStores } from "../support/stores.ts";

const leaseMs = 30_000;

describe.each(testedStores())("a ledger on $name", (tested) => {
  let nowMs: number;
  const clock = { now: () => nowMs, elapsed: () => nowMs };
  let store: Store;
  let ledger: Ledger;

  beforeEach(async () => {
    nowMs = 1_800_000_000_000;
    store = await tested.open(await tested.createDatabase(), clock);
    ledger = createLedger(store, { leaseMs });
  });
  afterEach(() => ledger.close());

  it("tells how many are UNCONFIRMED, for each provider that is named", async () => {
    await settle("a", ended("UNCONFIRMED"));
    await settle("b", ended("UNCONFIRMED"));
    await settle("c", ended("REJECTED"));
    await open("d");
    expect(await ledger.unconfirmed(["P", "Q"])).toEqual([
      { provider: "P", orders: 2 },
      { provider: "Q", orders: 0 },
    ]);
  });

  describe("open", () => {
    it("records each order as PENDING and claims it, in the order asked for", async () => {
      const { claims, records } = await open("b", "a", "c");
      expect(records).toEqual([]);
      expect(claims.map(({ orderId }) => orderId)).toEqual(["b", "a", "c"]);
      expect(claims[0]).toEqual({
        ...{ id: expect.any(Number), provider: "P", orderId: "b", status: "PENDING", problem: null, attempts: 0 },
        ...{ requestedAt: nowMs, settledAt: null, nextAttemptAt: null, sentAt: null },
        ...{ token: expect.any(String), nextAction: "cancel", inDoubt: false, retries: 0, lookups: 0 },
        ...{ nextAttemptInMs: null, ageMs: 0, watchedMs: 0, maxBatch: null },
      });
      expect(await trail("a")).toEqual([`REQUESTED by caller, attempt 0, at ${nowMs}`]);
    });

    it("takes an id that is named twice once, and thousands at a time", async () => {
      const orderIds = Array.from({ length: 2500 }, (_, index) => `order ${index}`);
      const { claims } = await open(...orderIds, ...orderIds);
      expect(claims.map(({ orderId }) => orderId)).toEqual(orderIds);
      expect((await read(...orderIds)).every((record) => record?.status === "PENDING")).toBe(true);
    });

    it("keeps apart what only the provider's name tells apart", async () => {
      await open("a");
      const { claims } = await open({ provider: "Q", orderIds: ["a"] });
      expect(claims).toHaveLength(1);
    });

    it("records the requests for several providers together, in the order asked for", async () => {
      const caller = { requestedBy: null, claim: 1 };
      const { claims, records } = await ledger.open(
        { ...caller, provider: "Q", orderIds: ["a", "b"] },
        { ...caller, provider: "P", orderIds: ["a"] },
      );
      expect(claims.map(({ provider, orderId }) => `${provider} ${orderId}`)).toEqual(["Q a", "P a"]);
      expect(records.map(({ provider, orderId }) => `${provider} ${orderId}`)).toEqual(["Q b"]);
    });

    it("records none of several requests if one cannot be recorded", async () => {
      await ledger.bindEnvironments([{ provider: "P", host: "test.example" }]);
      await createLedger(store, { leaseMs }).bindEnvironments([{ provider: "P", host: "live.example" }]);
      const asked = { orderIds: ["a"], requestedBy: null, claim: 1 };
      const both = ledger.open({ ...asked, provider: "Q" }, { ...asked, provider: "P" });
      await expect(both).rejects.toThrow("it holds P orders of live.example");
      const keys = ["P", "Q"].map((provider) => ({ provider, orderId: "a" }));
      expect(await ledger.read(keys)).toEqual([undefined, undefined]);
    });

    it("joins what is PENDING and leaves it as it is", async () => {
      await open("a");
      const before = await read("a");
      nowMs += 5;
      const { claims, records } = await open("a", "b");
      expect(claims.map(({ orderId }) => orderId)).toEqual(["b"]);
      expect(records).toEqual(before);
      expect(await read("a")).toEqual(before);
      expect(await trail("a")).toHaveLength(1);
    });

    it("joins what waits for its next step and leaves the wait alone", async () => {
      await settle("a", pending({ delayMs: 60_000 }));
      expect(await open("a")).toEqual({ claims: [], records: await read("a") });
      expect((await read("a"))[0]?.nextAttemptAt).toBe(nowMs + 60_000);
    });

    it("leaves what is CANCELLED as it is", async () => {
      await settle("a", ended("CANCELLED"));
      const before = await read("a");
      nowMs += 5;
      expect(await open("a")).toEqual({ claims: [], records: before });
      expect(await read("a")).toEqual(before);
    });

    it.each([
      { status: "REJECTED", inDoubt: false },
      { status: "UNCONFIRMED", inDoubt: true },
    ] as const)("tries anew what is $status, inDoubt: $inDoubt", async ({ status, inDoubt }) => {
      await settle("a", ended(status));
      nowMs += 5;
      const { claims, records } = await open("a");
      expect(records).toEqual([]);
      expect(claims).toEqual([
        {
          ...{ id: expect.any(Number), provider: "P", orderId: "a", status: "PENDING", problem: null },
          ...{ requestedAt: nowMs, settledAt: null, nextAttemptAt: null, sentAt: null, attempts: 1 },
          ...{ token: expect.any(String), nextAction: "cancel", inDoubt, retries: 0, lookups: 0 },
          ...{ nextAttemptInMs: null, ageMs: 0, watchedMs: 0, maxBatch: null },
        },
      ]);
      expect((await trail("a")).at(-1)).toBe(`REQUESTED by caller, attempt 1, at ${nowMs}`);
    });

    it("fails alone: those who ask at the same moment get what they asked for", async () => {
      const impossible = [null as unknown as string];
      const asked = [["a"], impossible, ["b"]].map((orderIds) => open({ provider: "P", orderIds }));
      const answers = await Promise.allSettled(asked);
      expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(await read("a", "b")).toMatchObject([{ status: "PENDING" }, { status: "PENDING" }]);
      expect(await trail("a")).toHaveLength(1);
    });

    it("records without claiming where asked to, due at once", async () => {
      const { claims, records } = await open({ provider: "P", orderIds: ["a"], claim: 0 });
      expect(claims).toEqual([]);
      expect(records).toMatchObject([{ orderId: "a", status: "PENDING", nextAttemptAt: nowMs }]);
      expect(await claimDue(10)).toMatchObject([{ orderId: "a" }]);
    });
  });

  describe("claimDue", () => {
    it("with a next action given, claims no records with another one", async () => {
      await settle("cancel", pending({ delayMs: 0, nextAction: "cancel" }));
      await settle("lookup", pending({ delayMs: 0, nextAction: "lookup" }));
      await settle("later", pending({ delayMs: 1, nextAction: "lookup" }));
      const select = { kind: "oneRequest", isolatedFirst: false } as const;
      expect(await claimDue(10, { nextAction: "lookup", select })).toMatchObject([{ orderId: "lookup" }]);
      expect(await claimDue(10, { nextAction: "lookup" })).toEqual([]);
      expect(await claimDue(10, { nextAction: "cancel" })).toMatchObject([{ orderId: "cancel" }]);
    });

    it("claims what was asked for first, this time, and no more than the limit", async () => {
      await settle("d", ended("REJECTED"));
      for (const orderId of ["c", "a", "d", "b"]) {
        await open({ provider: "P", orderIds: [orderId], claim: 0 });
        nowMs += 1;
      }
      expect((await claimDue(2)).map(({ orderId }) => orderId)).toEqual(["c", "a"]);
      expect((await claimDue(3)).map(({ orderId }) => orderId)).toEqual(["d", "b"]);
      expect(await claimDue(3)).toEqual([]);
    });

    it("leaves alone what waits, what is in other hands, what has ended and what is another provider's", async () => {
      await settle("waiting", pending({ delayMs: 1 }));
      await settle("ended", ended("REJECTED"));
      await open("held");
      await open({ provider: "Q", orderIds: ["elsewhere"], claim: 0 });
      expect(await claimDue(10)).toEqual([]);
      nowMs += 1;
      expect(await claimDue(10)).toMatchObject([{ orderId: "waiting", retries: 3, lookups: 2 }]);
    });

    it("takes over when a lease runs out, and shows what was sent and never answered", async () => {
      await ledger.markSent((await open("a")).claims);
      const sentAt = nowMs;
      nowMs += leaseMs - 1;
      expect(await claimDue(10)).toEqual([]);
      nowMs += 1;
      expect(await claimDue(10)).toMatchObject([{ orderId: "a", sentAt, attempts: 1 }]);
    });

    it("leaves alone what its holder renews", async () => {
      const { claims } = await open("a", "b");
      nowMs += leaseMs - 1;
      await ledger.renew(claims.slice(0, 1));
      nowMs += leaseMs - 1;
      expect(await claimDue(10)).toMatchObject([{ orderId: "b" }]);
    });
  });

  describe("markSent", () => {
    it("counts the attempt, notes when, and holds on for a whole lease", async () => {
      const { claims } = await open("b", "a");
      nowMs += leaseMs - 1;
      const sent = await ledger.markSent(claims);
      expect(sent).toEqual(claims.map((claim) => ({ ...claim, attempts: 1, sentAt: nowMs, ageMs: leaseMs - 1 })));
      expect((await read("a"))[0]?.attempts).toBe(1);
      expect((await trail("a")).at(-1)).toBe(`SENT, attempt 1, at ${nowMs}`);
      nowMs += leaseMs - 1;
      expect(await claimDue(10)).toEqual([]);
    });

    it("resolves to what is still ours, once, even where the same process has claimed the order again", async () => {
      const { claims } = await open("a", "b");
      nowMs += leaseMs;
      const [again] = await claimDue(1);
      const sent = await ledger.markSent([...claims, again as Claim]);
      expect(sent.map(({ orderId, token }) => [orderId, token])).toEqual([
        ["b", claims[1]?.token],
        ["a", again?.token],
      ]);
      expect((await read("a", "b")).map((record) => record?.attempts)).toEqual([1, 1]);
    });
  });

  describe("write", () => {
    it("writes what a step came to, with its events, and lets the record go", async () => {
      const [claim] = await ledger.markSent((await open("a")).claims);
      nowMs += 5;
      const progress = ended("REJECTED");
      await ledger.write([transition(claim, progress)]);
      expect(await read("a")).toMatchObject([
        { status: "REJECTED", problem: progress.problem, settledAt: nowMs, nextAttemptAt: null, attempts: 1 },
      ]);
      expect((await trail("a")).slice(-2)).toEqual([
        `ATTEMPT_ENDED TOO_LATE "E7 said so", HTTP 200 in 7 ms, attempt 1, at ${nowMs}`,
        `SETTLED REJECTED TOO_LATE, attempt 1, at ${nowMs}`,
      ]);
    });

    it("a written record keeps everything that its next action needs", async () => {
      const progress = pending({
        nextAction: "lookup",
        delayMs: 9,
        inDoubt: true,
        retries: 4,
        lookups: 5,
        watchedMs: 77,
      });
      await settle("a", progress);
      expect(await read("a")).toMatchObject([{ status: "PENDING", nextAttemptAt: nowMs + 9, settledAt: null }]);
      nowMs += 9;
      const { delayMs: _, ...kept } = progress;
      expect(await claimDue(1)).toMatchObject([{ ...kept, sentAt: null, ageMs: 9 }]);
    });

    it("waits may be fractions of a ms, as clocks that never go back measure them", async () => {
      await settle("a", pending({ delayMs: 1.5, inDoubt: true, watchedMs: 2.5 }));
      nowMs += 2;
      expect(await claimDue(1)).toMatchObject([{ watchedMs: 3 }]);
    });

    it("settles what is UNCONFIRMED, too, and takes back an attempt that never left", async () => {
      const [claim] = await ledger.markSent((await open("a")).claims);
      await ledger.write([{ ...transition(claim, ended("UNCONFIRMED")), attempts: 0 }]);
      expect(await read("a")).toMatchObject([{ status: "UNCONFIRMED", settledAt: nowMs, attempts: 0 }]);
    });

    it("a holder that has lost the record cannot change it in any way", async () => {
      const { claims } = await open("a");
      nowMs += leaseMs;
      const [current] = await claimDue(1);
      const before = [await read("a"), await trail("a")];
      expect(await ledger.markSent(claims)).toEqual([]);
      await ledger.write(claims.map((claim) => transition(claim, ended("CANCELLED"))));
      await ledger.release(claims);
      expect([await read("a"), await trail("a")]).toEqual(before);
      nowMs += leaseMs - 1;
      await ledger.renew(claims);
      nowMs += 1;
      expect(await claimDue(1)).toMatchObject([{ orderId: "a" }]);
      await ledger.write([transition(current, ended("CANCELLED"))]);
      expect(await read("a")).toMatchObject([{ status: "PENDING" }]);
    });

    it("writes once what is written again because the first answer got lost", async () => {
      const [claim] = await ledger.markSent((await open("a")).claims);
      await ledger.write([transition(claim, ended("CANCELLED"))]);
      const before = [await read("a"), await trail("a")];
      nowMs += 5;
      await ledger.write([transition(claim, ended("REJECTED"))]);
      expect([await read("a"), await trail("a")]).toEqual(before);
    });

    it("writes one order's step although another's is lost", async () => {
      const { claims } = await open("a", "b");
      await ledger.release(claims.slice(0, 1));
      await ledger.write(claims.map((claim) => transition(claim, ended("CANCELLED"))));
      expect((await read("a", "b")).map((record) => record?.status)).toEqual(["PENDING", "CANCELLED"]);
    });

    it("a change is reported to listeners, until they stop to listen", async () => {
      const heard: string[] = [];
      const stop = ledger.onChange(({ provider, orderId }, change) => heard.push(`${provider} ${orderId} ${change}`));
      await settle("a", ended("CANCELLED"));
      expect(heard).toEqual(["P a requested", "P a sent", "P a written"]);
      stop();
      await settle("b", ended("CANCELLED"));
      expect(heard).toHaveLength(3);
    });
  });

  it("hands back what is not finished, due at once and otherwise as it was", async () => {
    const [claim] = await ledger.markSent((await open("a")).claims);
    await ledger.release([claim as Claim]);
    expect(await read("a")).toMatchObject([{ status: "PENDING", nextAttemptAt: nowMs, attempts: 1 }]);
    const [again] = await claimDue(1);
    expect(again).toEqual({ ...claim, token: again?.token });
    expect(again?.token).not.toBe(claim?.token);
  });

  describe("reading", () => {
    it("read answers key by key, in one query, for any number of keys", async () => {
      await open("a", "b");
      await open({ provider: "Q", orderIds: ["a"] });
      const strangers = Array.from({ length: 1500 }, (_, index) => ({ provider: `no ${index}`, orderId: "a" }));
      const keys = [key("Q", "a"), key("P", "b"), key("P", "z"), key("Q", "b"), key("Q", "a"), ...strangers];
      const [counted, queries] = counting();
      const records = await counted.read(keys);
      expect(queries()).toBe(1);
      expect(records.map((record) => record && `${record.provider} ${record.orderId}`)).toEqual([
        ...["Q a", "P b", undefined, undefined, "Q a"],
        ...strangers.map(() => undefined),
      ]);
      expect(await counted.read([])).toEqual([]);
      expect(queries()).toBe(1);
    });

    it("answers trails record by record, oldest event first and only the latest, in one query", async () => {
      const { claims } = await open("a", "b");
      const sent = await ledger.markSent(claims);
      await ledger.write(sent.toReversed().map((claim) => transition(claim, ended("CANCELLED"))));
      const [counted, queries] = counting();
      const ids = sent.map(({ id }) => id);
      const trails = await counted.history([...ids.toReversed(), 0, ...ids], 100);
      expect(queries()).toBe(1);
      expect(trails.map((events) => events.map(({ kind }) => kind))).toEqual([
        ...ids.map(() => ["REQUESTED", "SENT", "ATTEMPT_ENDED", "SETTLED"]),
        [],
        ...ids.map(() => ["REQUESTED", "SENT", "ATTEMPT_ENDED", "SETTLED"]),
      ]);
      const latest = await counted.history(ids, 2);
      expect(latest.map((events) => events.map(({ kind }) => kind))).toEqual(
        ids.map(() => ["ATTEMPT_ENDED", "SETTLED"]),
      );
    });
  });

  describe("a provider's slot", () => {
    it("a slot has one holder at a time, and each provider has its own slot", async () => {
      expect(await ledger.takeSlot("P", randomUUID(), 1000)).toEqual({ taken: true });
      expect(await ledger.takeSlot("P", randomUUID(), 1000)).toEqual({ taken: false, waitMs: 0 });
      expect(await ledger.takeSlot("Q", randomUUID(), 1000)).toEqual({ taken: true });
    });

    it("a slot that came back is free an interval later, and the ledger says in how long", async () => {
      await ledger.releaseSlot("P", await slot(1000), 1999.5);
      expect(await ledger.takeSlot("P", randomUUID(), 1000)).toEqual({ taken: false, waitMs: 2000 });
      nowMs += 1999;
      expect(await ledger.takeSlot("P", randomUUID(), 1000)).toEqual({ taken: false, waitMs: 1 });
      nowMs += 1;
      expect(await ledger.takeSlot("P", randomUUID(), 1000)).toEqual({ taken: true });
    });

    it("the holder gets its slot again after a lost answer", async () => {
      const token = await slot(1000);
      expect(await ledger.takeSlot("P", token, 1000)).toEqual({ taken: true });
      expect(await ledger.takeSlot("P", randomUUID(), 1000)).toEqual({ taken: false, waitMs: 0 });
      await ledger.releaseSlot("P", token, 500);
      expect(await ledger.takeSlot("P", token, 1000)).toEqual({ taken: false, waitMs: 500 });
    });

    it("leaves a holder that never comes back, who then has no say in it", async () => {
      const lost = await slot(1000);
      nowMs += 999;
      expect(await ledger.takeSlot("P", randomUUID(), 1000)).toEqual({ taken: false, waitMs: 0 });
      nowMs += 1;
      const current = await slot(1000);
      await ledger.releaseSlot("P", lost, 0);
      expect(await ledger.takeSlot("P", randomUUID(), 1000)).toEqual({ taken: false, waitMs: 0 });
      await ledger.releaseSlot("P", current, 0);
      expect(await ledger.takeSlot("P", randomUUID(), 1000)).toEqual({ taken: true });
    });

    it("a caller that wants an idle slot gets one that was free for that long; others get a free slot at once", async () => {
      await ledger.releaseSlot("P", await slot(1000), 2000);
      expect(await ledger.takeSlot("P", randomUUID(), 1000, 250)).toEqual({ taken: false, waitMs: 2250 });
      nowMs += 2249;
      expect(await ledger.takeSlot("P", randomUUID(), 1000, 250)).toEqual({ taken: false, waitMs: 1 });
      expect(await ledger.takeSlot("P", randomUUID(), 1000)).toEqual({ taken: true });
      // Its holder never comes back.
      nowMs += 1249;
      expect(await ledger.takeSlot("P", randomUUID(), 1000, 250)).toEqual({ taken: false, waitMs: 0 });
      nowMs += 1;
      expect(await ledger.takeSlot("P", randomUUID(), 1000, 250)).toEqual({ taken: true });
    });

    async function slot(slotLeaseMs: number): Promise<string> {
      const token = randomUUID();
      expect(await ledger.takeSlot("P", token, slotLeaseMs)).toEqual({ taken: true });
      return token;
    }
  });

  it("passes its check while it is open, and not afterwards", async () => {
    await ledger.check();
    await ledger.close();
    await expect(ledger.check()).rejects.toThrow();
  });

  type Opening = { provider: string; orderIds: readonly string[]; claim?: number };

  function open(...asked: readonly string[] | [Opening]) {
    const opening = typeof asked[0] === "object" ? asked[0] : { provider: "P", orderIds: asked as readonly string[] };
    return ledger.open({ claim: 5000, requestedBy: "caller", ...opening });
  }

  /** Takes a new order through one attempt that comes to this. */
  async function settle(orderId: string, progress: Progress): Promise<void> {
    const sent = await ledger.markSent((await open(orderId)).claims);
    await ledger.write(sent.map((claim) => transition(claim, progress)));
  }

  function claimDue(limit: number, options: Partial<ClaimOptions> = {}): Promise<Claim[]> {
    return ledger.claimDue("P", { limit, held: [], takeOver: true, ...options });
  }

  function read(...orderIds: string[]): Promise<(Cancellation | undefined)[]> {
    return ledger.read(orderIds.map((orderId) => key("P", orderId)));
  }

  async function trail(orderId: string): Promise<string[]> {
    const [record] = await read(orderId);
    const [events = []] = await ledger.history([record?.id ?? 0], 100);
    return events.map((event) => {
      const { at, kind, attempt, status, problemCode, providerCode, providerMessage, httpStatus } = event;
      const { durationMs, requestedBy } = event;
      const words = providerCode === null ? "" : ` "${providerCode} ${providerMessage}"`;
      const details = [kind, status, problemCode].filter((each) => each !== null).join(" ");
      const who = requestedBy === null ? "" : ` by ${requestedBy}`;
      const how = httpStatus === null ? "" : `, HTTP ${httpStatus} in ${durationMs} ms`;
      return `${details}${words}${who}${how}, attempt ${attempt}, at ${at}`;
    });
  }

  function counting(): [Ledger, () => number] {
    let queries = 0;
    const db = store.db.withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        queries += 1;
        return result;
      },
    });
    return [createLedger({ ...store, db }, { leaseMs }), () => queries];
  }
});

function key(provider: string, orderId: string) {
  return { provider, orderId };
}

function transition(claim: Claim | undefined, progress: Progress): Transition {
  if (!claim) throw new Error("nothing was claimed");
  return answeredTransition(claim, progress);
}

function ended(status: "CANCELLED" | "REJECTED" | "UNCONFIRMED"): Progress {
  const codes = { CANCELLED: null, REJECTED: "TOO_LATE", UNCONFIRMED: "OUTCOME_UNKNOWN" } as const;
  const code = codes[status];
  const problem = code && { code, providerCode: "E7", providerMessage: "zu spät, 太晚了 🕰" };
  return settledProgress(status, problem);
}

function pending(progress: Partial<Progress> & { delayMs: number }): Progress {
  const problem = { code: "PROVIDER_BUSY", providerCode: null, providerMessage: null } as const;
  return {
    status: "PENDING",
    problem,
    nextAction: "cancel",
    inDoubt: false,
    retries: 3,
    lookups: 2,
    watchedMs: 0,
    maxBatch: null,
    ...progress,
  };
}
