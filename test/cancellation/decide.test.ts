import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { afterCancel } from "../../src/cancellation/decide/after-cancel.ts";
import {
  afterLookup,
  afterRecheck,
  afterSkippedLookup,
  shortestWatchMs,
} from "../../src/cancellation/decide/after-lookup.ts";
import type { Policy, RecordState } from "../../src/cancellation/decide/progress.ts";
import type { LookupResult, Outcome } from "../../src/domain/outcome.ts";
import { claimOf } from "../support/claims.ts";

const policy: Policy = { retryDelaysMs: [1000, 4000], giveUpAfterMs: 60_000, lookupDelaysMs: [2000, 10_000] };
const world = { random: 1, canLookUp: true };
const fresh: RecordState = claimOf({ ageMs: 5000 });
const inDoubt = { ...fresh, inDoubt: true };
const old = { ageMs: 60_000, retries: 2 };
const refusedBefore = {
  ...inDoubt,
  problem: { code: "TOO_LATE" as const, providerCode: null, providerMessage: "paid" },
};

const unprovenBefore = {
  ...fresh,
  nextAction: "lookup" as const,
  problem: { code: "REFUSED" as const, providerCode: null, providerMessage: "no" },
};

const unknownBefore = {
  ...inDoubt,
  problem: { code: "OUTCOME_UNKNOWN" as const, providerCode: null, providerMessage: null },
};

const refused: Outcome = { kind: "refused", code: "REFUSED" };
const tooEarly: Outcome = { kind: "refused", code: "TOO_EARLY", opensInMs: 90_000 };
const unproven: Outcome = { kind: "refused", code: "REFUSED", unproven: true };
const saysCancelled: Outcome = { ...unproven, saysCancelled: true };
const away: Outcome = { kind: "notSent", code: "PROVIDER_UNAVAILABLE" };

describe("afterCancel", () => {
  it.each<[string, RecordState, Outcome, object]>([
    ["cancelled", fresh, { kind: "cancelled" }, { status: "CANCELLED", problem: null, delayMs: null }],
    [
      "cancelled after much trouble",
      { ...inDoubt, retries: 3, lookups: 2, watchedMs: 9 },
      { kind: "cancelled" },
      { nextAction: "cancel", inDoubt: false, retries: 0, lookups: 0, watchedMs: 0 },
    ],
    ["cancelled in doubt", inDoubt, { kind: "cancelled" }, { status: "CANCELLED", problem: null, delayMs: null }],
    ["refused", fresh, refused, { status: "REJECTED", problem: { code: "REFUSED" } }],
    ["refused in doubt", inDoubt, refused, { status: "PENDING", nextAction: "lookup", delayMs: 0, inDoubt: true }],
    ["an impossible id in doubt", inDoubt, { kind: "refused", code: "INVALID_ORDER_ID" }, { status: "REJECTED" }],
    [
      "refused for a reason that no page knows",
      fresh,
      unproven,
      { status: "PENDING", nextAction: "lookup", delayMs: 0, inDoubt: false, problem: { code: "REFUSED" } },
    ],
    [
      "refused as cancelled already",
      fresh,
      saysCancelled,
      { status: "PENDING", nextAction: "lookup", delayMs: 0, inDoubt: true },
    ],
    ["a malformed id in doubt", inDoubt, { ...refused, malformedId: true }, { status: "REJECTED" }],
    [
      "too early at this very moment",
      fresh,
      { kind: "refused", code: "TOO_EARLY", opensInMs: 0 },
      { status: "PENDING", delayMs: 1000 },
    ],
    [
      "refused, with an opening time that belongs to another reason",
      fresh,
      { kind: "refused", code: "REFUSED", opensInMs: 5000 },
      { status: "REJECTED" },
    ],
    ["too early for an unknown time", fresh, { kind: "refused", code: "TOO_EARLY" }, { status: "REJECTED" }],
    ["too early", fresh, tooEarly, { status: "PENDING", nextAction: "cancel", delayMs: 90_000, inDoubt: false }],
    ["too early in doubt", inDoubt, tooEarly, { status: "PENDING", nextAction: "cancel", delayMs: 90_000 }],
    ["too early for ever", { ...fresh, ...old }, tooEarly, { status: "REJECTED", problem: { code: "TOO_EARLY" } }],
    ["not sent", fresh, away, { status: "PENDING", nextAction: "cancel", delayMs: 1000, retries: 1, inDoubt: false }],
    ["not sent again", { ...fresh, retries: 7 }, away, { status: "PENDING", delayMs: 4000, retries: 8 }],
    ["not sent, asked to wait", fresh, { ...away, retryAfterMs: 9000 }, { status: "PENDING", delayMs: 9000 }],
    ["not sent, shortly before giving up", { ...fresh, ageMs: 59_500 }, away, { status: "PENDING", delayMs: 500 }],
    [
      "not sent for too long",
      { ...fresh, ...old },
      away,
      { status: "REJECTED", problem: { code: "PROVIDER_UNAVAILABLE" } },
    ],
    [
      "not sent, old, but hardly tried: as after a pause",
      { ...fresh, ...old, retries: 0 },
      away,
      { status: "PENDING", delayMs: 1000, retries: 1 },
    ],
    [
      "not sent for too long in doubt",
      { ...inDoubt, ...old },
      away,
      { status: "UNCONFIRMED", problem: { code: "OUTCOME_UNKNOWN" } },
    ],
    [
      "unknown",
      fresh,
      { kind: "unknown" },
      {
        status: "PENDING",
        nextAction: "lookup",
        delayMs: 2000,
        inDoubt: true,
        lookups: 1,
        problem: { code: "OUTCOME_UNKNOWN" },
      },
    ],
    [
      "unknown once more",
      { ...inDoubt, lookups: 1 },
      { kind: "unknown" },
      { status: "PENDING", delayMs: 10_000, lookups: 2 },
    ],
    ["unknown again: watched anew", { ...inDoubt, watchedMs: 9000 }, { kind: "unknown" }, { watchedMs: 2000 }],
    [
      "its batch was refused as a whole: part of it may have been acted on",
      { ...fresh, watchedMs: 9000 },
      { kind: "batchRefused", orders: 5 },
      { status: "PENDING", nextAction: "cancel", delayMs: 0, inDoubt: true, watchedMs: 0, maxBatch: 3, problem: null },
    ],
    [
      "unknown with no look-ups left",
      { ...inDoubt, lookups: 2 },
      { kind: "unknown" },
      { status: "UNCONFIRMED", problem: { code: "OUTCOME_UNKNOWN" }, delayMs: null },
    ],
  ])("%s", (_name, record, outcome, expected) => {
    expect(afterCancel(record, outcome, policy, world)).toMatchObject(expected);
  });

  it.each([
    [
      "words of the last look-up",
      { code: "OUTCOME_UNKNOWN", providerCode: null, providerMessage: "closing" },
      "closing",
    ],
    ["a code of the last look-up", { code: "OUTCOME_UNKNOWN", providerCode: "7", providerMessage: null }, null],
  ] as const)("an unknown outcome without words keeps the %s", (_name, problem, providerMessage) => {
    const after = afterCancel({ ...inDoubt, problem }, { kind: "unknown" }, policy, world);
    expect(after.problem).toEqual({ code: "OUTCOME_UNKNOWN", providerCode: problem.providerCode, providerMessage });
  });

  it("an unknown outcome with words, after one without: the problem has these words", () => {
    const after = afterCancel(unknownBefore, { kind: "unknown", providerMessage: "odd" }, policy, world);
    expect(after.problem).toEqual({ code: "OUTCOME_UNKNOWN", providerCode: null, providerMessage: "odd" });
  });

  it("an unknown outcome keeps no words of a refusal before it", () => {
    const after = afterCancel(refusedBefore, { kind: "unknown" }, policy, world);
    expect(after.problem).toEqual({ code: "OUTCOME_UNKNOWN", providerCode: null, providerMessage: null });
  });

  it("the provider's words are kept", () => {
    const outcome: Outcome = { ...refused, providerCode: "E7", providerMessage: "no", httpStatus: 409 };
    expect(afterCancel(fresh, outcome, policy, world).problem).toEqual({
      code: "REFUSED",
      providerCode: "E7",
      providerMessage: "no",
    });
  });

  it("a busy provider names its own delays: after two tries age decides, for others the listed delays come first", () => {
    const patient = { ...policy, retryDelaysMs: [1000, 4000, 30_000] };
    const busy: Outcome = { kind: "notProcessed", code: "PROVIDER_BUSY" };
    const triedTwice = { ...fresh, ageMs: 60_000, retries: 2 };
    expect(afterCancel(triedTwice, busy, patient, world).status).toBe("REJECTED");
    expect(afterCancel({ ...triedTwice, retries: 1 }, busy, patient, world).status).toBe("PENDING");
    expect(afterCancel(triedTwice, away, patient, world).status).toBe("PENDING");
    expect(afterCancel({ ...triedTwice, retries: 3 }, away, patient, world).status).toBe("REJECTED");
  });

  it("without look-ups leaves doubt UNCONFIRMED", () => {
    expect(afterCancel(fresh, { kind: "unknown" }, policy, { ...world, canLookUp: false }).status).toBe("UNCONFIRMED");
    expect(afterCancel(inDoubt, refused, policy, { ...world, canLookUp: false }).status).toBe("UNCONFIRMED");
    expect(afterCancel(fresh, saysCancelled, policy, { ...world, canLookUp: false }).status).toBe("UNCONFIRMED");
  });

  it("without look-ups believes a refusal for any reason", () => {
    expect(afterCancel(fresh, unproven, policy, { ...world, canLookUp: false }).status).toBe("REJECTED");
  });

  it("spreads retries over the last quarter of each delay", () => {
    expect(afterCancel(fresh, away, policy, { ...world, random: 0 }).delayMs).toBe(750);
  });
});

describe("afterLookup", () => {
  it.each<[string, RecordState, LookupResult, object]>([
    ["cancelled", inDoubt, { kind: "cancelled" }, { status: "CANCELLED", problem: null }],
    ["closed", inDoubt, { kind: "closed", code: "TOO_LATE" }, { status: "REJECTED", problem: { code: "TOO_LATE" } }],
    ["open", inDoubt, { kind: "open" }, { status: "PENDING", nextAction: "cancel", delayMs: 0 }],
    ["open after an unknown outcome", unknownBefore, { kind: "open" }, { status: "PENDING", nextAction: "cancel" }],
    [
      "unclear after an unknown outcome",
      unknownBefore,
      { kind: "unclear" },
      { status: "PENDING", nextAction: "cancel" },
    ],
    ["unanswered after no word", inDoubt, { kind: "unanswered" }, { problem: { code: "OUTCOME_UNKNOWN" } }],
    [
      "unanswered while a refusal is checked",
      refusedBefore,
      { kind: "unanswered" },
      { status: "PENDING", problem: { code: "TOO_LATE", providerMessage: "paid" } },
    ],
    [
      "open after a refusal",
      refusedBefore,
      { kind: "open" },
      { status: "PENDING", nextAction: "lookup", delayMs: 2000, problem: { code: "REFUSED" } },
    ],
    [
      "open after a refusal, to the end of look-ups that came too quickly",
      { ...refusedBefore, lookups: 2, watchedMs: 12_000 },
      { kind: "open" },
      { status: "PENDING", nextAction: "lookup", delayMs: 18_000, watchedMs: 30_000, problem: { code: "REFUSED" } },
    ],
    [
      "open after a refusal as too late: it is not",
      { ...unprovenBefore, problem: { ...unprovenBefore.problem, code: "TOO_LATE" } },
      { kind: "open" },
      { status: "REJECTED", problem: { code: "REFUSED", providerMessage: "no" } },
    ],
    [
      "open after a refusal as unknown: it is known",
      { ...unprovenBefore, problem: { ...unprovenBefore.problem, code: "ORDER_NOT_FOUND" } },
      { kind: "open" },
      { status: "REJECTED", problem: { code: "REFUSED", providerMessage: "no" } },
    ],
    [
      "open after a refusal for our account",
      { ...unprovenBefore, problem: { ...unprovenBefore.problem, code: "NOT_PERMITTED" } },
      { kind: "open" },
      { status: "REJECTED", problem: { code: "NOT_PERMITTED" } },
    ],
    ["open after a refusal that needed a second word", unprovenBefore, { kind: "open" }, { status: "REJECTED" }],
    [
      "unclear after such a refusal",
      unprovenBefore,
      { kind: "unclear" },
      { status: "REJECTED", problem: { code: "REFUSED" } },
    ],
    ["cancelled after such a refusal", unprovenBefore, { kind: "cancelled" }, { status: "CANCELLED", problem: null }],
    [
      "unanswered after such a refusal",
      unprovenBefore,
      { kind: "unanswered" },
      { status: "PENDING", nextAction: "lookup", delayMs: 2000 },
    ],
    [
      "open after a refusal to the end",
      { ...refusedBefore, lookups: 2, watchedMs: 30_000 },
      { kind: "open" },
      { status: "REJECTED", problem: { code: "REFUSED" } },
    ],
    ["unclear", inDoubt, { kind: "unclear" }, { status: "PENDING", nextAction: "cancel", delayMs: 0 }],
    [
      "unclear after a refusal",
      refusedBefore,
      { kind: "unclear" },
      {
        status: "PENDING",
        nextAction: "lookup",
        delayMs: 2000,
        problem: { code: "TOO_LATE", providerMessage: "paid" },
      },
    ],
    [
      "unclear after a refusal to the end",
      { ...refusedBefore, lookups: 2 },
      { kind: "unclear" },
      { status: "UNCONFIRMED", problem: { code: "OUTCOME_UNKNOWN", providerMessage: "paid" } },
    ],
    [
      "unclear after a refusal to the end, with a word of its own",
      { ...refusedBefore, lookups: 2 },
      { kind: "unclear", providerCode: "VOID", saysCancelled: true },
      { status: "UNCONFIRMED", problem: { code: "OUTCOME_UNKNOWN", providerCode: "VOID", providerMessage: null } },
    ],
    [
      "in a state that may mean cancelled, after a refusal that had no doubt",
      unprovenBefore,
      { kind: "unclear", saysCancelled: true },
      { status: "PENDING", nextAction: "lookup", delayMs: 2000, inDoubt: true, problem: { code: "REFUSED" } },
    ],
    [
      "in such a state after no word: the cancel is not repeated",
      inDoubt,
      { kind: "unclear", saysCancelled: true },
      { status: "PENDING", nextAction: "lookup", delayMs: 2000, lookups: 1 },
    ],
    [
      "unclear at the last look-up, while the provider's own rule has still to end the order",
      { ...refusedBefore, lookups: 2 },
      { kind: "unclear", endsInMs: 600_000 },
      { status: "PENDING", nextAction: "lookup", delayMs: 600_000, lookups: 3 },
    ],
    [
      "the same after no word: the cancel is not repeated before that",
      { ...inDoubt, lookups: 2 },
      { kind: "unclear", endsInMs: 600_000 },
      { status: "PENDING", nextAction: "lookup", delayMs: 600_000, lookups: 3 },
    ],
    [
      "unclear in the look-up after the rule's time: it is the last one",
      { ...refusedBefore, lookups: 3 },
      { kind: "unclear", endsInMs: 600_000 },
      { status: "UNCONFIRMED" },
    ],
    [
      "unclear while look-ups are left, before the rule's time",
      { ...inDoubt, lookups: 1 },
      { kind: "unclear", endsInMs: 600_000 },
      { status: "PENDING", nextAction: "cancel", delayMs: 0 },
    ],
    [
      "unanswered to the end, with a sentence",
      { ...refusedBefore, lookups: 2 },
      { kind: "unanswered", providerMessage: "maintenance" },
      { status: "UNCONFIRMED", problem: { code: "OUTCOME_UNKNOWN", providerMessage: "maintenance" } },
    ],
    [
      "unanswered",
      inDoubt,
      { kind: "unanswered" },
      { status: "PENDING", nextAction: "lookup", delayMs: 2000, lookups: 1 },
    ],
    [
      "its batch was refused as a whole: nothing was asked",
      { ...unprovenBefore, lookups: 1 },
      { kind: "batchRefused", orders: 4 },
      { status: "PENDING", nextAction: "lookup", delayMs: 0, inDoubt: false, lookups: 1, maxBatch: 2 },
    ],
    ["unanswered to the end", { ...inDoubt, lookups: 2 }, { kind: "unanswered" }, { status: "UNCONFIRMED" }],
  ])("%s", (_name, record, result, expected) => {
    expect(afterLookup(record, result, policy, world)).toMatchObject(expected);
  });
});

describe("afterSkippedLookup", () => {
  it("a look-up that is skipped is not counted, and is not skipped for ever", () => {
    const record = { ...inDoubt, lookups: 1 };
    expect(afterSkippedLookup(record, policy, world, 5000)).toMatchObject({
      status: "PENDING",
      delayMs: 5000,
      lookups: 1,
    });
    const ancient = { ...record, ageMs: 3_600_000 };
    expect(afterSkippedLookup(ancient, policy, world, 5000)).toMatchObject({ status: "PENDING", lookups: 2 });
    const last = { ...ancient, lookups: 2 };
    expect(afterSkippedLookup(last, policy, world, 5000)).toMatchObject({ status: "UNCONFIRMED" });
  });
});

describe("a look-up that cannot be made", () => {
  const longestMs = 72_000;

  it("a look-up that cannot be made is put off while the record is younger than giving up and all look-ups together take", () => {
    const put = afterSkippedLookup({ ...inDoubt, ageMs: longestMs - 1 }, policy, world, 5000);
    expect(put).toMatchObject({
      nextAction: "lookup",
      delayMs: 5000,
      lookups: 0,
      problem: { code: "OUTCOME_UNKNOWN" },
    });
    const spent = afterSkippedLookup({ ...inDoubt, ageMs: longestMs }, policy, world, 5000);
    expect(spent).toMatchObject({ nextAction: "lookup", delayMs: 2000, lookups: 1 });
  });

  it("a look-up that cannot be made keeps the refusal that is being checked", () => {
    const { problem } = afterSkippedLookup(refusedBefore, policy, world, 5000);
    expect(problem).toEqual(refusedBefore.problem);
  });
});

describe("any answer of a provider", () => {
  const unknown: Outcome = { kind: "unknown" };
  const outcomes = fc.oneof(
    fc.constant<Outcome>({ kind: "cancelled" }),
    fc.constantFrom<Outcome>(refused, tooEarly, unproven, saysCancelled, { kind: "refused", code: "ORDER_NOT_FOUND" }),
    fc.constantFrom<Outcome>(away, { kind: "notProcessed", code: "PROVIDER_BUSY", retryAfterMs: 5000 }),
    fc.constant(unknown),
  );
  const results = fc.constantFrom<LookupResult>(
    { kind: "cancelled" },
    { kind: "open" },
    { kind: "closed", code: "TOO_LATE" },
    { kind: "unclear" },
    { kind: "unclear", saysCancelled: true, providerCode: "VOID" },
    { kind: "unclear", endsInMs: 600_000 },
    { kind: "unanswered" },
  );
  const steps = fc.infiniteStream(
    fc.record({ outcome: outcomes, result: results, random: fc.double({ min: 0, max: 0.999, noNaN: true }) }),
  );
  /** Any settings that the start accepts. */
  const policies = fc.record<Policy>({
    retryDelaysMs: fc.array(fc.integer({ min: 10, max: 60_000 }), { minLength: 1, maxLength: 3 }),
    giveUpAfterMs: fc.integer({ min: 0, max: 60_000 }),
    lookupDelaysMs: fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 3 }),
  });

  it("a cancellation ends, and only the provider's word makes it CANCELLED or REJECTED", () => {
    fc.assert(
      fc.property(steps, policies, fc.boolean(), (answers, settings, canLookUp) => {
        let record: RecordState = { ...fresh, ageMs: 0 };
        let inDoubtMs = Number.NaN;
        let waitless = 0;
        for (const { outcome, result, random } of answers) {
          const looking = record.nextAction === "lookup";
          const progress = looking
            ? afterLookup(record, result, settings, { random, canLookUp })
            : afterCancel(record, outcome, settings, { random, canLookUp });
          const answer = looking ? result : outcome;
          const mayHaveHadEffect = !Number.isNaN(inDoubtMs);
          if (progress.status === "CANCELLED") expect(answer.kind).toBe("cancelled");
          if (progress.status === "REJECTED" && mayHaveHadEffect) {
            expect(looking).toBe(true);
            expect(["closed", "open"]).toContain(answer.kind);
            if (answer.kind === "open") expect(inDoubtMs).toBeGreaterThanOrEqual(shortestWatchMs);
          }
          if (progress.status !== "PENDING") return;
          const delayMs = progress.delayMs ?? Number.NaN;
          expect(delayMs).toBeGreaterThanOrEqual(0);
          waitless = delayMs === 0 ? waitless + 1 : 0;
          expect(waitless).toBeLessThan(20);
          const saysCancelled = "saysCancelled" in answer && answer.saysCancelled === true;
          if (answer === unknown || (saysCancelled && !mayHaveHadEffect)) inDoubtMs = 0;
          expect(progress.inDoubt).toBe(!Number.isNaN(inDoubtMs));
          inDoubtMs += delayMs;
          record = { ...record, ...progress, ageMs: record.ageMs + delayMs };
          expect(record.ageMs).toBeLessThan(24 * 3_600_000);
        }
      }),
    );
  });
});

describe("afterRecheck: what an UNCONFIRMED order becomes after a look-up that a person asked for", () => {
  const said = { providerCode: "7", providerMessage: "closing" };
  const unconfirmed = { problem: { code: "OUTCOME_UNKNOWN" as const, ...said } };

  it.each<[string, LookupResult, object]>([
    ["cancelled: CANCELLED", { kind: "cancelled" }, { status: "CANCELLED", problem: null }],
    [
      "closed: REJECTED, with the provider's reason",
      { kind: "closed", code: "TOO_LATE", providerMessage: "paid" },
      { status: "REJECTED", problem: { code: "TOO_LATE", providerCode: null, providerMessage: "paid" } },
    ],
    ["open: UNCONFIRMED as before", { kind: "open" }, { status: "UNCONFIRMED", ...unconfirmed }],
    ["unanswered: UNCONFIRMED as before", { kind: "unanswered" }, { status: "UNCONFIRMED", ...unconfirmed }],
    [
      "unclear: UNCONFIRMED, with the new words",
      { kind: "unclear", providerMessage: "odd" },
      { status: "UNCONFIRMED", problem: { code: "OUTCOME_UNKNOWN", providerCode: null, providerMessage: "odd" } },
    ],
  ])("%s", (_name, result, expected) => {
    expect(afterRecheck(unconfirmed, result)).toMatchObject(expected);
  });

  it("a record without a problem: OUTCOME_UNKNOWN", () => {
    const problem = { code: "OUTCOME_UNKNOWN", providerCode: null, providerMessage: null };
    expect(afterRecheck({ problem: null }, { kind: "unanswered" }).problem).toEqual(problem);
  });
});
