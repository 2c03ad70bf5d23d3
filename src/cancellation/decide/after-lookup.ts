import type { Claim, Problem, Progress } from "../../domain/cancellation.ts";
import type { Transition } from "../../domain/ledger.ts";
import type { LookupResult } from "../../domain/outcome.ts";
import {
  type Conditions,
  detailsOf,
  halved,
  isLast,
  lookUpLater,
  type Policy,
  problem,
  type RecordState,
  type Situation,
  saysAnything,
  settled,
  sum,
  type Unclear,
  unknownAfter,
  unreachable,
  waiting,
} from "./progress.ts";

/**
 * After an attempt that may have had an effect, an order is looked up for at least this long, ms. Only then is a refusal believed
 * because the order is still open. No setting shortens it. A cancel may take effect some seconds after its answer got lost, and
 * proxies in front of providers usually give up after 30 s.
 */
export const shortestWatchMs = 30_000;

/** What a record becomes after a look-up. The record is in doubt, or its refusal is checked by the look-up. */
export function afterLookup(
  record: RecordState,
  result: LookupResult,
  policy: Policy,
  conditions: Conditions,
): Progress {
  // While a refusal is checked by look-ups, it is kept as the record's problem.
  const refusal = record.problem && record.problem.code !== "OUTCOME_UNKNOWN" ? record.problem : undefined;
  switch (result.kind) {
    case "cancelled":
      return settled("CANCELLED", null);
    case "closed":
      return settled("REJECTED", problem(result.code, result));
    case "open":
      return refusal ? afterOpen(record, whileOpen(refusal), policy, conditions) : cancelAgain(record, result);
    case "unclear":
      return afterUnclear(record, refusal, result, policy, conditions);
    case "unanswered":
      return lookUpLater(record, record.problem ?? problem("OUTCOME_UNKNOWN", result), policy, conditions, result);
    case "batchRefused":
      return halved(record, result.orders);
    default:
      return unreachable(result);
  }
}

/**
 * What a record becomes if its look-up could not be made now. This counts as a look-up only if the record is older than giving
 * up and all look-ups together take.
 */
export function afterSkippedLookup(
  record: RecordState,
  policy: Policy,
  conditions: Conditions,
  delayMs: number,
): Progress {
  const longestMs = policy.giveUpAfterMs + sum(policy.lookupDelaysMs);
  const why = record.problem ?? problem("OUTCOME_UNKNOWN", {});
  if (record.ageMs < longestMs) return waiting(record, "lookup", delayMs, why);
  return lookUpLater(record, why, policy, conditions);
}

export function lookupTransition(
  claim: Claim,
  result: LookupResult,
  { policy, conditions }: Situation,
  durationMs: number,
): Transition {
  return {
    claim,
    progress: afterLookup(claim, result, policy, conditions),
    attempts: claim.attempts,
    event: { kind: "LOOKED_UP", ...detailsOf(result), durationMs },
  };
}

/** What an UNCONFIRMED record becomes after a look-up that a person asked for. No cancel follows in any case. */
export function afterRecheck(
  { problem: why }: Pick<RecordState, "problem">,
  result: LookupResult,
): Pick<Progress, "status" | "problem"> {
  if (result.kind === "cancelled") return settled("CANCELLED", null);
  if (result.kind === "closed") return settled("REJECTED", problem(result.code, result));
  return settled("UNCONFIRMED", unknownAfter(why ?? problem("OUTCOME_UNKNOWN", {}), result));
}

/** For a look-up that was not made: there is no event. */
export function skippedLookupTransition(claim: Claim, { policy, conditions }: Situation, delayMs: number): Transition {
  return {
    claim,
    progress: afterSkippedLookup(claim, policy, conditions, delayMs),
    attempts: claim.attempts,
    event: null,
  };
}

/**
 * The provider refused, and the order is still open. An attempt in doubt may still be under way: then the refusal is believed
 * only after all look-ups, and not before `shortestWatchMs`.
 */
function afterOpen(record: RecordState, refusal: Problem, policy: Policy, conditions: Conditions): Progress {
  if (!record.inDoubt) return settled("REJECTED", refusal);
  const nextLookup = lookUpLater(record, refusal, policy, conditions);
  if (nextLookup.status === "PENDING") return nextLookup;
  const leftMs = shortestWatchMs - record.watchedMs;
  return leftMs > 0 ? waiting(record, "lookup", leftMs, refusal) : settled("REJECTED", refusal);
}

/** The provider has just shown the order, and as open. */
function whileOpen(refusal: Problem): Problem {
  const isWrong = refusal.code === "ORDER_NOT_FOUND" || refusal.code === "TOO_LATE";
  return isWrong ? { ...refusal, code: "REFUSED" } : refusal;
}

/**
 * The look-up tells no state. A refusal that may not mean the cancellation is believed then. If anything may mean it, the order is
 * looked up again, to the end; it is not cancelled again because that could tell nothing more.
 */
function afterUnclear(
  record: RecordState,
  refusal: Problem | undefined,
  result: Unclear,
  policy: Policy,
  conditions: Conditions,
): Progress {
  const inDoubt = record.inDoubt || result.saysCancelled === true;
  if (refusal && !inDoubt) return settled("REJECTED", refusal);
  const isWorthMore = result.saysCancelled || (isLast(record, policy) && result.endsInMs !== undefined);
  if (!refusal && !isWorthMore) return cancelAgain(record, result);
  const why = record.problem ?? problem("OUTCOME_UNKNOWN", {});
  return lookUpLater({ ...record, inDoubt }, why, policy, conditions, result);
}

/** A repeated cancel has no second effect. Each repetition follows one of the look-ups, so their number bounds it. */
function cancelAgain(record: RecordState, result: LookupResult): Progress {
  return waiting(record, "cancel", 0, saysAnything(result) ? problem("OUTCOME_UNKNOWN", result) : record.problem);
}
