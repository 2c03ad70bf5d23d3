import { describe, expect, it } from "vitest";
import { isFinal, standingOfRecord, standingOfWord } from "../../src/cancellability/standing.ts";
import type { Cancellation, CancellationStatus } from "../../src/domain/cancellation.ts";
import { type LookupResult, type ProblemCode, problemCodes } from "../../src/domain/outcome.ts";

const now = 1_800_000_000_000;

function record(status: CancellationStatus, code?: ProblemCode): Cancellation {
  return {
    ...{
      id: 1,
      provider: "P",
      orderId: "1",
      status,
      attempts: 1,
      requestedAt: 1,
      settledAt: status === "PENDING" ? null : 7,
    },
    ...{ nextAttemptAt: null, nextAttemptInMs: null },
    problem: code ? { code, providerCode: null, providerMessage: null } : null,
  };
}

describe("our own record", () => {
  it("says that an order is cancelled, or is being cancelled", () => {
    const nothing = { cancellableFrom: null, cancellableUntil: null };
    expect(standingOfRecord(record("CANCELLED"), now)).toEqual({
      ...{ state: "NOT_CANCELLABLE", reason: "ALREADY_CANCELLED", checkedAt: 7, ...nothing },
    });
    expect(standingOfRecord(record("PENDING", "PROVIDER_BUSY"), now)).toEqual({
      ...{ state: "NOT_CANCELLABLE", reason: "BEING_CANCELLED", checkedAt: now, ...nothing },
    });
  });

  it("decides after a refusal only if that is for good", () => {
    const decided = problemCodes.filter((code) => standingOfRecord(record("REJECTED", code), now));
    expect(decided).toEqual(["TOO_LATE", "INVALID_ORDER_ID"]);
    expect(standingOfRecord(record("REJECTED", "TOO_LATE"), now)).toMatchObject({ reason: "TOO_LATE", checkedAt: 7 });
    expect(standingOfRecord(record("UNCONFIRMED", "OUTCOME_UNKNOWN"), now)).toBeUndefined();
  });
});

describe("the provider's word", () => {
  it.each<[LookupResult, string]>([
    [{ kind: "open" }, "CANCELLABLE null"],
    [{ kind: "cancelled" }, "NOT_CANCELLABLE ALREADY_CANCELLED"],
    [{ kind: "closed", code: "TOO_LATE" }, "NOT_CANCELLABLE TOO_LATE"],
    [{ kind: "closed", code: "ORDER_NOT_FOUND" }, "NOT_CANCELLABLE ORDER_NOT_FOUND"],
    [{ kind: "unclear" }, "UNKNOWN OUTCOME_UNKNOWN"],
    [{ kind: "unclear", saysCancelled: true }, "UNKNOWN OUTCOME_UNKNOWN"],
    [{ kind: "unclear", opensInMs: 5000 }, "NOT_YET TOO_EARLY"],
    [{ kind: "unanswered" }, "UNKNOWN PROVIDER_UNAVAILABLE"],
    [{ kind: "unanswered", busy: true }, "UNKNOWN PROVIDER_BUSY"],
    [{ kind: "unanswered", keyRefused: true }, "UNKNOWN PROVIDER_REJECTED_CREDENTIALS"],
    [{ kind: "batchRefused", orders: 2 }, "UNKNOWN NOT_CHECKED"],
  ])("%o means %s", (result, expected) => {
    const { state, reason } = judge(result);
    expect(`${state} ${reason}`).toBe(expected);
  });

  it("is not CANCELLABLE for an open order that the provider has refused to cancel", () => {
    const afterRefusal = problemCodes.map(
      (code) => `${code} ${judge({ kind: "open" }, record("REJECTED", code)).state}`,
    );
    expect(afterRefusal.filter((text) => text.endsWith("UNKNOWN"))).toEqual([
      "NOT_PERMITTED UNKNOWN",
      "REFUSED UNKNOWN",
    ]);
    expect(judge({ kind: "open" }, record("UNCONFIRMED", "OUTCOME_UNKNOWN")).state).toBe("CANCELLABLE");
  });

  it("was true when the question left, by the clock as it stands now; waits in it count from the answer", () => {
    const word = {
      result: { kind: "unclear", opensInMs: 9000, closesInMs: 90_000 } as const,
      askedAt: 1000,
      answeredAt: 3000,
    };
    expect(standingOfWord(word, undefined, { now, elapsed: 5000 })).toEqual({
      state: "NOT_YET",
      reason: "TOO_EARLY",
      checkedAt: now - 4000,
      cancellableFrom: now + 7000,
      cancellableUntil: now + 88_000,
    });
    // Set back by an hour, that clock makes no word younger than it is.
    const later = standingOfWord(word, undefined, { now: now - 3_600_000, elapsed: 5000 });
    expect(later.checkedAt).toBe(now - 3_600_000 - 4000);
  });

  it("is no longer NOT_YET when the order has opened, and tells no end that is over", () => {
    const word = { result: { kind: "unclear", opensInMs: 9000, closesInMs: 9000 } as const, askedAt: 0, answeredAt: 0 };
    const standing = standingOfWord(word, undefined, { now, elapsed: 9000 });
    expect(standing).toMatchObject({ state: "UNKNOWN", reason: "OUTCOME_UNKNOWN", cancellableUntil: null });
  });

  it("never changes any more only for what is cancelled, paid or no id", () => {
    const codes = ["TOO_LATE", "INVALID_ORDER_ID", "ORDER_NOT_FOUND", "NOT_PERMITTED", "REFUSED"] as const;
    expect(codes.map((code) => isFinal({ kind: "closed", code }))).toEqual([true, true, false, false, false]);
    const others = [{ kind: "cancelled" }, { kind: "open" }, { kind: "unclear" }, { kind: "unanswered" }] as const;
    expect(others.map(isFinal)).toEqual([true, false, false, false]);
  });

  function judge(result: LookupResult, of?: Cancellation) {
    return standingOfWord({ result, askedAt: 0, answeredAt: 0 }, of, { now, elapsed: 0 });
  }
});
