import type { Cancellation } from "../domain/cancellation.ts";
import type { LookupResult, ProblemCode } from "../domain/outcome.ts";

export const standingStates = ["CANCELLABLE", "NOT_YET", "NOT_CANCELLABLE", "UNKNOWN"] as const;
export type StandingState = (typeof standingStates)[number];

/** Beside the problems that a cancel can meet. */
export type StandingReason =
  | ProblemCode
  | "ALREADY_CANCELLED"
  | "BEING_CANCELLED"
  | "PROVIDER_PAUSED"
  /** It was not asked in time, or not asked. */
  | "NOT_CHECKED";

/** Whether an order can still be cancelled, as far as it is known. Instants are epoch ms. */
export interface Standing {
  state: StandingState;
  /** Null only if CANCELLABLE. */
  reason: StandingReason | null;
  /** The provider, or our record, said it at this time or later; null if neither did. */
  checkedAt: number | null;
  cancellableFrom: number | null;
  cancellableUntil: number | null;
}

/** What our own record says; undefined if the provider has to be asked. `now` is epoch ms. */
export function standingOfRecord({ status, problem, settledAt }: Cancellation, now: number): Standing | undefined {
  switch (status) {
    case "PENDING":
      return unable("BEING_CANCELLED", now);
    case "CANCELLED":
      return unable("ALREADY_CANCELLED", settledAt ?? now);
    case "REJECTED":
      return isForGood(problem?.code) ? unable(problem?.code ?? "TOO_LATE", settledAt ?? now) : undefined;
    default:
      return undefined;
  }
}

/** What a provider said of an order. Times are by a clock that never goes back, ms. */
export interface Word {
  result: LookupResult;
  /** When the request left: the provider looked at the order then or later. */
  askedAt: number;
  /** When the answer was here: waits in it count from then. */
  answeredAt: number;
}

/** `now` and `elapsed`: the same moment by the two clocks. What people read follows a wall clock that is set. */
export function standingOfWord(
  { result, askedAt, answeredAt }: Word,
  record: Cancellation | undefined,
  { now, elapsed }: { now: number; elapsed: number },
): Standing {
  const checkedAt = now - Math.round(elapsed - askedAt);
  const ahead = (ms: number | undefined) => (ms === undefined ? 0 : ms - (elapsed - answeredAt));
  const toTime = (ms: number) => (ms > 0 ? now + Math.round(ms) : null);
  switch (result.kind) {
    case "cancelled":
      return unable("ALREADY_CANCELLED", checkedAt);
    case "closed":
      return unable(result.code, checkedAt);
    case "open": {
      const cancellableUntil = toTime(ahead(result.closesInMs));
      const refused = refusalOf(record);
      if (refused) return { ...unknown(refused, checkedAt), cancellableUntil };
      return { state: "CANCELLABLE", reason: null, checkedAt, cancellableFrom: null, cancellableUntil };
    }
    case "unclear": {
      const cancellableUntil = toTime(ahead(result.closesInMs));
      const cancellableFrom = toTime(ahead(result.opensInMs));
      if (cancellableFrom === null) return { ...unknown("OUTCOME_UNKNOWN", checkedAt), cancellableUntil };
      return { state: "NOT_YET", reason: "TOO_EARLY", checkedAt, cancellableFrom, cancellableUntil };
    }
    case "unanswered":
      if (result.busy) return unknown("PROVIDER_BUSY", null);
      return unknown(result.keyRefused ? "PROVIDER_REJECTED_CREDENTIALS" : "PROVIDER_UNAVAILABLE", null);
    case "batchRefused":
      return unknown("NOT_CHECKED", null);
  }
}

export function unknown(reason: StandingReason, checkedAt: number | null = null): Standing {
  return { state: "UNKNOWN", reason, checkedAt, cancellableFrom: null, cancellableUntil: null };
}

export function unable(reason: StandingReason, checkedAt: number): Standing {
  return { state: "NOT_CANCELLABLE", reason, checkedAt, cancellableFrom: null, cancellableUntil: null };
}

/** Whether this never changes any more. An order that the provider does not know may still be made. */
export function isFinal(result: LookupResult): boolean {
  return result.kind === "cancelled" || (result.kind === "closed" && isForGood(result.code));
}

function isForGood(code: ProblemCode | undefined): boolean {
  return code === "TOO_LATE" || code === "INVALID_ORDER_ID";
}

/** The provider refused to cancel an order that it shows as open: whether it would do so again is not known. */
function refusalOf(record: Cancellation | undefined): ProblemCode | undefined {
  const code = record?.status === "REJECTED" ? record.problem?.code : undefined;
  return code === "REFUSED" || code === "NOT_PERMITTED" ? code : undefined;
}
