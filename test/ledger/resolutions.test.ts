import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Cancellation, OrderKey } from "../../src/domain/cancellation.ts";
import type { Ledger, Resolution } from "../../src/domain/ledger.ts";
import { createLedger } from "../../src/ledger/ledger.ts";
import { answeredStep, settledProgress } from "../support/claims.ts";
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

  it("is told to those who wait for the record", async () => {
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

  it("changes nothing if nobody asked for the order", async () => {
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

  it("can be found out once: the second person changes nothing", async () => {
    await end("UNCONFIRMED");
    const answers = await Promise.all([resolve(told), resolve({ ...told, status: "REJECTED" }, other)]);
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
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
    await ledger.write(sent.map((claim) => answeredStep(claim, settledProgress(status, problem))));
  }

  async function read(): Promise<Cancellation | undefined> {
    return (await ledger.read([key]))[0];
  }
});

const noDetails = { providerCode: null, providerMessage: null };
