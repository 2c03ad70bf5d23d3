import { describe, expect, it } from "vitest";
import {
  attemptTransition,
  localTransition,
  skippedCancelTransition,
} from "../../src/cancellation/decide/after-cancel.ts";
import { lookupTransition, skippedLookupTransition } from "../../src/cancellation/decide/after-lookup.ts";
import type { Situation } from "../../src/cancellation/decide/progress.ts";
import type { LookupResult, Outcome } from "../../src/domain/outcome.ts";
import { claimOf } from "../support/claims.ts";

const situation: Situation = {
  policy: { retryDelaysMs: [1000], giveUpAfterMs: 60_000, lookupDelaysMs: [2000] },
  conditions: { random: 1, canLookUp: true },
};

/** Marked for its third attempt. */
const claim = claimOf({ id: 7, ageMs: 10, attempts: 3 });

describe("an attempt that was marked as sent", () => {
  it.each<[string, Outcome, attempts: number, problemCode: string | null]>([
    ["cancelled", { kind: "cancelled", httpStatus: 200 }, 3, null],
    ["refused", { kind: "refused", code: "TOO_LATE" }, 3, "TOO_LATE"],
    ["unknown", { kind: "unknown" }, 3, "OUTCOME_UNKNOWN"],
    ["turned away as too busy", { kind: "notProcessed", code: "PROVIDER_BUSY" }, 3, "PROVIDER_BUSY"],
    ["in a batch that was refused as a whole", { kind: "batchRefused", orders: 4 }, 3, "OUTCOME_UNKNOWN"],
    ["of which not a byte was written", { kind: "notSent", code: "PROVIDER_UNAVAILABLE" }, 2, "PROVIDER_UNAVAILABLE"],
    ["that a question before it made needless", { kind: "refused", code: "TOO_LATE", carried: false }, 2, "TOO_LATE"],
    ["that a question before it answered", { kind: "cancelled", carried: false }, 2, null],
  ])("%s: counts if it reached the provider, and ends with an event", (_name, outcome, attempts, problemCode) => {
    const transition = attemptTransition(claim, outcome, situation, 12);
    expect(transition).toMatchObject({
      claim,
      attempts,
      event: { kind: "ATTEMPT_ENDED", problemCode, durationMs: 12 },
    });
  });

  it("the step of an attempt keeps what the provider said", () => {
    const said = { providerCode: "VOID", providerMessage: "no" };
    const refused = attemptTransition(claim, { kind: "refused", code: "REFUSED", ...said }, situation, 12);
    expect(refused.event).toMatchObject(said);
    expect(lookupTransition(claim, { kind: "unclear", ...said }, situation, 12).event).toMatchObject(said);
    const silent = attemptTransition(claim, { kind: "cancelled" }, situation, 12);
    expect(silent.event).toMatchObject({ providerCode: null, providerMessage: null });
  });

  it("the step of an attempt tells the HTTP status, or how the exchange failed", () => {
    const answered = attemptTransition(claim, { kind: "cancelled", httpStatus: 200 }, situation, 12);
    expect(answered.event).toMatchObject({ httpStatus: 200, failure: null });
    const failed = attemptTransition(claim, { kind: "unknown", failure: "RESET" }, situation, null);
    expect(failed.event).toMatchObject({ httpStatus: null, failure: "RESET", durationMs: null });
  });
});

describe("without a request", () => {
  it("an outcome that was decided here writes no event and changes no count", () => {
    const transition = localTransition(claim, { kind: "notSent", code: "PROVIDER_UNAVAILABLE" }, situation);
    expect(transition).toMatchObject({ attempts: 3, event: null, progress: { nextAction: "cancel", delayMs: 1000 } });
  });

  it("a cancel that could not leave waits, with the attempts that it had", () => {
    const transition = skippedCancelTransition(claim, 2, 1000);
    expect(transition).toMatchObject({
      claim,
      attempts: 2,
      event: null,
      progress: { nextAction: "cancel", delayMs: 1000, retries: 0 },
    });
  });

  it("a look-up that could not be made waits, and spends nothing", () => {
    const transition = skippedLookupTransition({ ...claim, nextAction: "lookup", inDoubt: true }, situation, 5000);
    expect(transition).toMatchObject({
      attempts: 3,
      event: null,
      progress: { nextAction: "lookup", delayMs: 5000, lookups: 0 },
    });
  });
});

describe("a look-up", () => {
  it.each<[string, LookupResult, problemCode: string | null]>([
    ["cancelled", { kind: "cancelled" }, null],
    ["open", { kind: "open" }, null],
    ["closed", { kind: "closed", code: "TOO_LATE" }, "TOO_LATE"],
    ["unclear", { kind: "unclear" }, "OUTCOME_UNKNOWN"],
    ["unanswered", { kind: "unanswered", failure: "DNS" }, "OUTCOME_UNKNOWN"],
    ["in a batch that was refused as a whole", { kind: "batchRefused", orders: 4 }, "OUTCOME_UNKNOWN"],
  ])("a look-up with the result %s is told in the history, and is no attempt", (_name, result, problemCode) => {
    const transition = lookupTransition({ ...claim, inDoubt: true }, result, situation, 9);
    const failure = result.failure ?? null;
    expect(transition).toMatchObject({
      attempts: 3,
      event: { kind: "LOOKED_UP", problemCode, failure, durationMs: 9 },
    });
  });
});
