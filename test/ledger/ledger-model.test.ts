import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CancellationStatus, Claim, Progress } from "../../src/domain/cancellation.ts";
import type { Ledger, Places } from "../../src/domain/ledger.ts";
import { createLedger } from "../../src/ledger/ledger.ts";
import { answeredTransition } from "../support/claims.ts";
import { testedStores } from "../support/stores.ts";

/** Any sequence of calls leaves the ledger as it leaves this model: a list of plain objects and a clock. */
const leaseMs = 1000;

interface ModelRecord extends Omit<Progress, "problem" | "delayMs"> {
  dueAt: number | null;
  turnAt: number;
  placeMs: number;
  orderId: string;
  token: string | null;
  writtenBy: string | null;
  requestedAt: number;
  settledAt: number | null;
  sentAt: number | null;
  attempts: number;
  trail: string[];
}

/** A call; `picks` choose among all claims ever made, most of which are out of date. */
type Call =
  | { call: "open"; orderIds: string[]; claim: number; places: Places }
  | { call: "claimDue"; limit: number }
  | { call: "markSent" | "release" | "renew"; picks: number[] }
  | { call: "write"; picks: number[]; status: CancellationStatus; waitMs: number; inDoubt: boolean; kept: boolean }
  | { call: "wait"; ms: number };

const picks = fc.uniqueArray(fc.nat({ max: 5 }), { minLength: 1, maxLength: 4 });
const calls: fc.Arbitrary<Call[]> = fc.array(
  fc.oneof(
    fc.record({
      call: fc.constant("open" as const),
      orderIds: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { minLength: 1 }),
      claim: fc.integer({ min: 0, max: 4 }),
      places: fc.record({ placeMs: fc.nat({ max: 2000 }), spacingMs: fc.nat({ max: 500 }) }),
    }),
    fc.record({ call: fc.constant("claimDue" as const), limit: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ call: fc.constantFrom("markSent" as const, "release" as const, "renew" as const), picks }),
    fc.record({
      ...{ call: fc.constant("write" as const), picks, inDoubt: fc.boolean(), kept: fc.boolean() },
      ...{ status: fc.constantFrom<CancellationStatus>("PENDING", "CANCELLED", "REJECTED", "UNCONFIRMED") },
      waitMs: fc.integer({ min: 0, max: 1500 }),
    }),
    fc.record({ call: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 1200 }) }),
  ),
  { minLength: 5, maxLength: 30, size: "max" },
);

describe.each(testedStores())("a ledger on $name", (tested) => {
  let ledger: Ledger;
  let nowMs = 1_800_000_000_000;
  let runs = 0;

  beforeAll(async () => {
    ledger = createLedger(
      await tested.open(await tested.createDatabase(), { now: () => nowMs, elapsed: () => nowMs }),
      { leaseMs },
    );
  });
  afterAll(() => ledger.close());

  it("random calls: the ledger does what the model does", async () => {
    await fc.assert(
      fc.asyncProperty(calls, async (sequence) => {
        const provider = `P${runs++}`;
        const model = new Model(() => nowMs);
        const claims: Claim[] = [];
        for (const call of sequence) {
          if (call.call === "wait") nowMs += call.ms;
          else claims.unshift(...(await play(provider, model, call, claims)));
          await compare(provider, model);
        }
      }),
      { numRuns: 80 },
    );
  });

  /** Makes the call on both, and returns the new claims. */
  async function play(
    provider: string,
    model: Model,
    call: Exclude<Call, { call: "wait" }>,
    claims: readonly Claim[],
  ): Promise<Claim[]> {
    if (call.call === "open") {
      const opened = await ledger.open({ ...call, provider, requestedBy: null });
      expect(opened.claims.map(({ orderId }) => orderId)).toEqual(model.open(call, opened.claims[0]?.token ?? null));
      return opened.claims;
    }
    if (call.call === "claimDue") {
      const due = await ledger.claimDue(provider, { limit: call.limit, held: [], takeOver: true });
      expect(due.map(({ orderId }) => orderId)).toEqual(model.claimDue(call.limit, due[0]?.token ?? ""));
      for (const claim of due) expect(claim).toMatchObject(model.known(claim));
      return due;
    }
    // Nobody holds two claims on one record.
    const distinct = new Map(call.picks.flatMap((pick) => claims[pick] ?? []).map((claim) => [claim.id, claim]));
    const picked = [...distinct.values()];
    if (call.call === "markSent") {
      const sent = await ledger.markSent(picked);
      expect(sent.map(({ token, orderId }) => token + orderId)).toEqual(model.markSent(picked));
      for (const claim of sent) expect(claim).toMatchObject(model.known(claim));
    } else if (call.call === "write") {
      const progress = toProgress(call);
      const steps = picked.map((claim) => answeredTransition(claim, progress));
      const written = await ledger.write(steps);
      expect(written.map(({ claim }) => claim.orderId).toSorted()).toEqual(model.write(picked, progress).toSorted());
    } else {
      await ledger[call.call](picked);
      model[call.call](picked);
    }
    return [];
  }

  async function compare(provider: string, model: Model): Promise<void> {
    const records = await ledger.read(["a", "b", "c", "d"].map((orderId) => ({ provider, orderId })));
    const expected = ["a", "b", "c", "d"].map((orderId) => model.records.get(orderId));
    expect(records.map((record) => record && shown(record))).toEqual(expected.map((record) => record && shown(record)));
    const trails = await ledger.history(
      records.map((record) => record?.id ?? 0),
      100,
    );
    const told = trails.map((events) => events.map(({ at, kind, attempt }) => `${kind} ${attempt} at ${at}`));
    expect(told).toEqual(expected.map((record) => record?.trail ?? []));
  }
});

class Model {
  readonly records = new Map<string, ModelRecord>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  open({ orderIds, claim, places }: Call & { call: "open" }, token: string | null): string[] {
    const opened: string[] = [];
    // Those that are new come to exist in the order of their names.
    for (const orderId of orderIds.toSorted()) {
      const known = this.records.get(orderId);
      if (known?.status === "PENDING" || known?.status === "CANCELLED") continue;
      const { attempts, trail } = known ?? { attempts: 0, trail: [] };
      const placeMs = places.placeMs + orderIds.indexOf(orderId) * places.spacingMs;
      const record: ModelRecord = {
        ...{ placeMs, turnAt: this.#now() + placeMs },
        ...{ orderId, status: "PENDING", nextAction: "cancel", attempts, trail, retries: 0, lookups: 0, watchedMs: 0 },
        ...{ dueAt: this.#now(), token: null, writtenBy: known?.writtenBy ?? null, maxBatch: known?.maxBatch ?? null },
        ...{ requestedAt: this.#now(), settledAt: null, sentAt: null, inDoubt: known?.status === "UNCONFIRMED" },
      };
      this.records.set(orderId, record);
      this.#tell(record, "REQUESTED");
      opened.push(orderId);
    }
    const claimed = [...new Set(orderIds)].slice(0, claim).filter((orderId) => opened.includes(orderId));
    for (const orderId of claimed) {
      Object.assign(this.records.get(orderId) ?? {}, { token, dueAt: this.#now() + leaseMs });
    }
    return claimed;
  }

  claimDue(limit: number, token: string): string[] {
    const due = [...this.records.values()]
      .filter(({ status, dueAt }) => status === "PENDING" && (dueAt ?? 0) <= this.#now())
      .sort((a, b) => a.turnAt - b.turnAt)
      .slice(0, limit);
    for (const record of due) Object.assign(record, { token, dueAt: this.#now() + leaseMs });
    return due.map(({ orderId }) => orderId);
  }

  markSent(claims: readonly Claim[]): string[] {
    return claims.flatMap((claim) => {
      const record = this.#held(claim);
      if (!record) return [];
      record.attempts += 1;
      Object.assign(record, { sentAt: this.#now(), dueAt: this.#now() + leaseMs });
      this.#tell(record, "SENT");
      return [claim.token + claim.orderId];
    });
  }

  write(claims: readonly Claim[], progress: Progress): string[] {
    const written: string[] = [];
    for (const claim of claims) {
      const record = this.#held(claim);
      // Said again, although it was written already.
      if (!record && this.records.get(claim.orderId)?.writtenBy === claim.token) written.push(claim.orderId);
      if (!record) continue;
      record.writtenBy = claim.token;
      written.push(claim.orderId);
      const { problem: _, delayMs, ...rest } = progress;
      const settledAt = progress.status === "PENDING" ? null : this.#now();
      const dueAt = delayMs === null ? null : this.#now() + delayMs;
      const turnAt = (dueAt ?? 0) + record.placeMs;
      Object.assign(record, { ...rest, dueAt, turnAt, attempts: claim.attempts, token: null, sentAt: null, settledAt });
      this.#tell(record, "ATTEMPT_ENDED");
      if (progress.status !== "PENDING") this.#tell(record, "SETTLED");
    }
    return written;
  }

  release(claims: readonly Claim[]): void {
    for (const record of claims.map((claim) => this.#held(claim))) {
      if (record) Object.assign(record, { token: null, dueAt: this.#now() });
    }
  }

  renew(claims: readonly Claim[]): void {
    for (const record of claims.map((claim) => this.#held(claim))) {
      if (record) record.dueAt = this.#now() + leaseMs;
    }
  }

  /** What a claim of this record knows. */
  known({ orderId }: Claim): Partial<Claim> {
    const known = this.records.get(orderId) as ModelRecord;
    const { token, nextAction, inDoubt, retries, lookups, watchedMs, maxBatch, sentAt, attempts } = known;
    return { token: token ?? "", nextAction, inDoubt, retries, lookups, watchedMs, maxBatch, sentAt, attempts };
  }

  #held({ orderId, token }: Claim): ModelRecord | undefined {
    const record = this.records.get(orderId);
    return record?.status === "PENDING" && record.token === token ? record : undefined;
  }

  #tell(record: ModelRecord, kind: string): void {
    record.trail.push(`${kind} ${record.attempts} at ${this.#now()}`);
  }
}

function toProgress({ status, waitMs, inDoubt, kept }: Call & { call: "write" }): Progress {
  const delayMs = status === "PENDING" ? waitMs : null;
  const counts = kept
    ? { retries: 3, lookups: 2, watchedMs: 9, nextAction: "lookup" as const, maxBatch: 50 }
    : { retries: 0, lookups: 0, watchedMs: 0, nextAction: "cancel" as const, maxBatch: null };
  return { status, problem: null, delayMs, inDoubt, ...counts };
}

/** What a reader sees of a record, ours or the model's. */
function shown(record: object) {
  const { status, requestedAt, settledAt, attempts, ...rest } = record as ModelRecord & {
    nextAttemptAt?: number | null;
  };
  const nextAttemptAt = "nextAttemptAt" in rest ? rest.nextAttemptAt : rest.token === null ? rest.dueAt : null;
  return { status, requestedAt, settledAt, attempts, nextAttemptAt };
}
