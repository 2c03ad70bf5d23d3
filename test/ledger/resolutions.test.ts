import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Cancellation, OrderKey } from "../../src/domain/cancellation.ts";
import type { Ledger, Resolution } from "../../src/domain/ledger.ts";
import { createLedger } from "../../src/ledger/ledger.ts";
import { answeredTransition, settledProgress } from "../support/claims.ts";
import { testedStores } from "../support/stores.ts";

const key = { provider: "P", orderId: "a" };
const asked = { requestedBy: "alice", requestId: "request 2" };
const told: Resolution = { ...asked, status: "CANCELLED", note: "Told on the phone." };

describe.each(testedStores())("what a person found out, on $name", (tested) => {
  let nowMs: number;
  let ledger: Ledger;
  let other: Ledger;

  beforeEach(async () => {
    nowMs = 1_800_000_000_000;
    const database = await tested.createDatabase();
    const store = await tested.open(database, { now: () => nowMs, elapsed: () => nowMs });
    ledger = createLedger(store, { leaseMs: 30_000 });
    // SQLite has one process; its second ledger is over the same store.
    other = createLedger(store, { leaseMs: 30_000 });
  });
  afterEach(() => ledger.close());

  it("becomes the record's end, with who found it out and why in the history", async () => {
    await end("UNCONFIRMED");
    nowMs += 60_000;
    expect(await resolve(told)).toMatchObject({ status: "CANCELLED", problem: null, settledAt: nowMs });
    expect(await read()).toMatchObject({ status: "CANCELLED", problem: null, settledAt: nowMs, attempts: 1 });
    const [events = []] = await ledger.history([(await read())?.id ?? 0], 20);
    expect(events.slice(-2)).toMatchObject([
      {
        ...{ kind: "RESOLVED", status: "CANCELLED", at: nowMs, note: "Told on the phone." },
        ...{ requestedBy: "alice", requestId: "request 2" },
      },
      { kind: "SETTLED", status: "CANCELLED", at: nowMs, note: null, requestedBy: null },
    ]);
  });

  it("may be that the order stands: REJECTED, without words of the provider", async () => {
    await end("UNCONFIRMED");
    const problem = { code: "REFUSED", providerCode: null, providerMessage: null };
    expect(await resolve({ ...told, status: "REJECTED" })).toMatchObject({ status: "REJECTED", problem });
  });

  it("a resolution is reported to those who wait for the record", async () => {
    await end("UNCONFIRMED");
    const heard: OrderKey[] = [];
    ledger.onChange((changed) => heard.push(changed));
    await resolve(told);
    expect(heard).toMatchObject([key]);
  });

  it.each(["CANCELLED", "REJECTED"] as const)("changes nothing of what is %s", async (status) => {
    await end(status);
    await expectNoChange();
  });

  it("changes nothing of what is PENDING", async () => {
    await open();
    await expectNoChange();
  });

  it("an order without a cancellation: nothing is changed", async () => {
    expect(await resolve(told)).toBeUndefined();
    expect(await read()).toBeUndefined();
  });

  it("and a new request at the same moment: one of the two comes first, and the history says which", async () => {
    await end("UNCONFIRMED");
    const [resolved, { claims }] = await Promise.all([resolve(told), open(other)]);
    const [events = []] = await ledger.history([(await read())?.id ?? 0], 20);
    const last = events.map(({ kind }) => kind).slice(4);
    if (resolved) {
      expect([claims, last, (await read())?.status]).toEqual([[], ["RESOLVED", "SETTLED"], "CANCELLED"]);
    } else {
      expect([claims.length, last, (await read())?.status]).toEqual([1, ["REQUESTED"], "PENDING"]);
    }
  });

  it("two persons resolve the same order: the second changes nothing", async () => {
    await end("UNCONFIRMED");
    const answers = await Promise.all([resolve(told), resolve({ ...told, status: "REJECTED" }, other)]);
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
  });

  describe("a look-up that a person asked for", () => {
    const event = {
      ...{ problemCode: null, providerCode: "CREATED", providerMessage: "still open", httpStatus: 200, durationMs: 7 },
      ...{ failure: null, ...asked },
    };
    const words = { code: "OUTCOME_UNKNOWN", providerCode: "CREATED", providerMessage: "still open" } as const;

    it("a look-up finds it cancelled: the record ends so, and the history shows who asked", async () => {
      const record = await endUnconfirmed();
      nowMs += 1000;
      const [found] = await ledger.recordLookups([{ record, progress: { status: "CANCELLED", problem: null }, event }]);
      expect(found).toMatchObject({ status: "CANCELLED", problem: null, settledAt: nowMs, attempts: 1 });
      const [events = []] = await ledger.history([record.id], 20);
      expect(events.slice(-2)).toMatchObject([
        { kind: "LOOKED_UP", providerMessage: "still open", httpStatus: 200, ...asked, status: null },
        { kind: "SETTLED", status: "CANCELLED", requestedBy: null },
      ]);
    });

    it("a look-up finds nothing certain: the record stays UNCONFIRMED, with the provider's latest words", async () => {
      const record = await endUnconfirmed();
      nowMs += 1000;
      const lookup = { record, progress: { status: "UNCONFIRMED", problem: words }, event } as const;
      const [found] = await ledger.recordLookups([lookup]);
      expect(found).toMatchObject({ status: "UNCONFIRMED", problem: words, settledAt: record.settledAt });
      expect((await ledger.history([record.id], 20))[0]?.map(({ kind }) => kind).slice(-2)).toEqual([
        "SETTLED",
        "LOOKED_UP",
      ]);
      // The next one is about the same record.
      expect(await ledger.recordLookups([lookup])).toHaveLength(1);
    });

    it.each<[string, () => Promise<unknown>, string]>([
      ["a person resolved it", () => resolve(told, other), "CANCELLED"],
      ["somebody asked for it anew", () => open(other), "PENDING"],
      ["it was asked for anew, and is UNCONFIRMED again", () => endAgain(), "UNCONFIRMED"],
    ])("a look-up comes too late: %s meanwhile, and nothing is changed", async (_, meanwhile, status) => {
      const record = await endUnconfirmed();
      nowMs += 1000;
      await meanwhile();
      const before = await ledger.history([record.id], 50);
      const lookup = {
        record,
        progress: { status: "REJECTED", problem: { ...words, code: "TOO_LATE" } },
        event,
      } as const;
      expect(await ledger.recordLookups([lookup])).toEqual([undefined]);
      expect([(await read())?.status, await ledger.history([record.id], 50)]).toEqual([status, before]);
    });

    it("of two instances at once, with a new request and a person's word: one end, which the history tells once", async () => {
      const record = await endUnconfirmed();
      nowMs += 1000;
      const closed = { status: "REJECTED", problem: { ...words, code: "TOO_LATE" } } as const;
      const [[first], [second], resolved, { claims }] = await Promise.all([
        ledger.recordLookups([{ record, progress: { status: "CANCELLED", problem: null }, event }]),
        other.recordLookups([{ record, progress: closed, event }]),
        resolve({ ...told, status: "REJECTED" }),
        open(other),
      ]);
      const [events = []] = await ledger.history([record.id], 50);
      const ends = [first, second, resolved].filter((end) => end !== undefined);
      // A request that comes after a REJECTED opens it anew; CANCELLED stays.
      expect(ends.length).toBeLessThanOrEqual(1);
      expect(ends.length + claims.length).toBeGreaterThanOrEqual(1);
      expect(events.filter(({ kind, at }) => kind === "SETTLED" && at === nowMs)).toHaveLength(ends.length);
      expect((await read())?.status).toBe(claims.length > 0 ? "PENDING" : ends[0]?.status);
    });

    it("look-ups of several orders: each order that is still UNCONFIRMED is changed, in the order of the look-ups", async () => {
      const record = await endUnconfirmed();
      const gone = { ...record, orderId: "nobody-asked" };
      const progress = { status: "CANCELLED", problem: null } as const;
      const found = await ledger.recordLookups([gone, record].map((each) => ({ record: each, progress, event })));
      expect(found.map((each) => each?.orderId)).toEqual([undefined, "a"]);
    });

    async function endUnconfirmed(): Promise<Cancellation> {
      await end("UNCONFIRMED");
      const record = await read();
      if (!record) throw new Error("the record is gone");
      return record;
    }

    async function endAgain(): Promise<void> {
      nowMs += 1000;
      await end("UNCONFIRMED");
    }
  });

  async function expectNoChange(): Promise<void> {
    const before = await read();
    expect(await resolve(told)).toBeUndefined();
    expect(await read()).toEqual(before);
  }

  async function resolve(resolution: Resolution, on = ledger): Promise<Cancellation | undefined> {
    return (await on.resolve([key], resolution))[0];
  }

  function open(on = ledger) {
    return on.open({ provider: "P", orderIds: ["a"], requestedBy: null, claim: 1 });
  }

  async function end(status: "CANCELLED" | "REJECTED" | "UNCONFIRMED"): Promise<void> {
    const sent = await ledger.markSent((await open()).claims);
    const problem = status === "CANCELLED" ? null : ({ code: "OUTCOME_UNKNOWN", ...noDetails } as const);
    await ledger.write(sent.map((claim) => answeredTransition(claim, settledProgress(status, problem))));
  }

  async function read(): Promise<Cancellation | undefined> {
    return (await ledger.read([key]))[0];
  }
});

const noDetails = { providerCode: null, providerMessage: null };
