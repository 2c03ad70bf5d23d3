import type { Claim, Problem, Progress } from "../../domain/cancellation.ts";
import type { Transition } from "../../domain/ledger.ts";
import type { Outcome } from "../../domain/outcome.ts";
import {
  type Conditions,
  detailsOf,
  halved,
  lookUpLater,
  type Policy,
  problem,
  type RecordState,
  type Situation,
  settled,
  sum,
  unknownAfter,
  unreachable,
  waiting,
} from "./progress.ts";

/** What a record becomes after its cancel ended with this outcome. It is defined for every outcome. */
export function afterCancel(record: RecordState, outcome: Outcome, policy: Policy, conditions: Conditions): Progress {
  switch (outcome.kind) {
    case "cancelled":
      return settled("CANCELLED", null);
    case "refused":
      return afterRefusal(record, outcome, policy, conditions);
    case "notSent":
    case "notProcessed":
      return afterNotProcessed(record, outcome, policy, conditions);
    case "unknown":
      return lookUpLater(
        inDoubtFromNow(record),
        saidBefore(record) ?? problem("OUTCOME_UNKNOWN", outcome),
        policy,
        conditions,
      );
    case "batchRefused":
      // Part of a batch of cancels may have been acted on.
      return halved(inDoubtFromNow(record), outcome.orders);
    default:
      return unreachable(outcome);
  }
}

/** What a record becomes if its cancel could not be sent now, for a reason of ours. */
function afterSkippedCancel(record: RecordState, delayMs: number): Progress {
  return waiting(record, "cancel", delayMs, record.problem);
}

/** For an attempt whose request was marked as sent. `durationMs`: null if it is unknown. */
export function attemptTransition(
  claim: Claim,
  outcome: Outcome,
  situation: Situation,
  durationMs: number | null,
): Transition {
  // It was marked, but the cancel did not reach the provider: it does not count as an attempt.
  const uncounted = outcome.kind === "notSent" || outcome.carried === false;
  return {
    ...localTransition(claim, outcome, situation),
    attempts: claim.attempts - (uncounted ? 1 : 0),
    event: { kind: "ATTEMPT_ENDED", ...detailsOf(outcome), durationMs },
  };
}

/** For an outcome that was decided here: nothing was sent, so that there is no event. */
export function localTransition(claim: Claim, outcome: Outcome, { policy, conditions }: Situation): Transition {
  return {
    claim,
    progress: afterCancel(claim, outcome, policy, conditions),
    attempts: claim.attempts,
    event: null,
  };
}

/** For a cancel that was not sent: there is no event. `attempts`: the number before it was marked. */
export function skippedCancelTransition(claim: Claim, attempts: number, delayMs: number): Transition {
  return { claim, progress: afterSkippedCancel(claim, delayMs), attempts, event: null };
}

/** A provider that says "too early" is never asked again sooner than this, ms, even if its own times allow it. */
const shortestTooEarlyMs = 1000;

function afterRefusal(
  record: RecordState,
  outcome: Outcome & { kind: "refused" },
  { giveUpAfterMs }: Policy,
  { canLookUp }: Conditions,
): Progress {
  const why = problem(outcome.code, outcome);
  if (outcome.code === "TOO_EARLY" && outcome.opensInMs !== undefined && record.ageMs < giveUpAfterMs) {
    return waiting({ ...record, retries: 0 }, "cancel", Math.max(outcome.opensInMs, shortestTooEarlyMs), why);
  }
  // No request that named such an id can ever have had an effect.
  if (outcome.code === "INVALID_ORDER_ID") return settled("REJECTED", why);
  // A later cancel of it does not spoil a batch again.
  if (outcome.malformedId) return { ...settled("REJECTED", why), maxBatch: 1 };
  // If the order is cancelled already, an attempt of ours that the ledger has forgotten may have done it.
  const inDoubt = record.inDoubt || outcome.saysCancelled === true;
  if (!inDoubt && !(outcome.unproven && canLookUp)) return settled("REJECTED", why);
  return canLookUp ? waiting({ ...record, inDoubt }, "lookup", 0, why) : settled("UNCONFIRMED", unknownAfter(why));
}

type NotProcessed = Outcome & { kind: "notSent" | "notProcessed" };

function afterNotProcessed(
  record: RecordState,
  outcome: NotProcessed,
  policy: Policy,
  { random }: Conditions,
): Progress {
  const leftMs = policy.giveUpAfterMs - record.ageMs;
  if (leftMs <= 0 && hasTriedEnough(record.retries, outcome, policy)) {
    return record.inDoubt
      ? settled("UNCONFIRMED", problem("OUTCOME_UNKNOWN", outcome))
      : settled("REJECTED", problem("PROVIDER_UNAVAILABLE", outcome));
  }
  // The last try is at the moment of giving up, but never before the provider allows it.
  const retryMs = retryDelay(record.retries, policy, random);
  const delayMs = Math.max(leftMs > 0 ? Math.min(retryMs, leftMs) : retryMs, outcome.retryAfterMs ?? 0);
  return waiting({ ...record, retries: record.retries + 1 }, "cancel", delayMs, problem(outcome.code, outcome));
}

/**
 * A request is not given up because of its age alone: it may have waited through a pause or an outage of ours. It gets tries for
 * as long as the listed delays take together, or for `giveUpAfterMs` if that is shorter.
 */
function hasTriedEnough(retries: number, outcome: NotProcessed, { retryDelaysMs, giveUpAfterMs }: Policy): boolean {
  // A busy provider names its own delays, and they may be long: two tries are enough.
  if (outcome.code === "PROVIDER_BUSY" && retries >= 2) return true;
  return sum(retryDelaysMs.slice(0, retries)) >= Math.min(giveUpAfterMs, sum(retryDelaysMs));
}

/** 75 % to 100 % of the n-th delay (the last one repeats), so that many orders are not retried at the same moment. */
function retryDelay(retries: number, { retryDelaysMs }: Policy, random: number): number {
  const delayMs = retryDelaysMs[Math.min(retries, retryDelaysMs.length - 1)] ?? 0;
  return Math.round(delayMs * (0.75 + random / 4));
}

/** What a look-up said stays until the next one, if the cancel that followed it ended in the unknown, too. */
function saidBefore({ problem: said }: RecordState): Problem | undefined {
  const isSaid = said?.code === "OUTCOME_UNKNOWN" && (said.providerCode ?? said.providerMessage) !== null;
  return isSaid ? said : undefined;
}

/** The attempt that just ended may have had an effect, or may have it later. */
function inDoubtFromNow(record: RecordState): RecordState {
  return { ...record, inDoubt: true, watchedMs: 0 };
}
