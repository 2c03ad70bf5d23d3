import type { Claim } from "../domain/cancellation.ts";
import type { Step } from "../domain/ledger.ts";
import { type LookupResult, type Outcome, problemCodeOf } from "../domain/outcome.ts";
import {
  afterCancel,
  afterLookup,
  afterSkippedCancel,
  afterSkippedLookup,
  type Conditions,
  type Policy,
} from "./decide.ts";

/** What the decisions about one provider's records depend on at one moment. */
export interface Situation {
  policy: Policy;
  conditions: Conditions;
}

/** For an attempt whose request was marked as sent. `durationMs`: null if nobody knows how long it took. */
export function attemptStep(claim: Claim, outcome: Outcome, situation: Situation, durationMs: number | null): Step {
  // It was marked, but the cancel did not reach the provider: it does not count as an attempt.
  const uncounted = outcome.kind === "notSent" || outcome.carried === false;
  return {
    ...localStep(claim, outcome, situation),
    attempts: claim.attempts - (uncounted ? 1 : 0),
    event: { kind: "ATTEMPT_ENDED", ...detailsOf(outcome), durationMs },
  };
}

/** For an outcome that was decided here: nothing was sent, so that there is no event. */
export function localStep(claim: Claim, outcome: Outcome, { policy, conditions }: Situation): Step {
  return {
    claim,
    progress: afterCancel(claim, outcome, policy, conditions),
    attempts: claim.attempts,
    event: null,
  };
}

export function lookupStep(
  claim: Claim,
  result: LookupResult,
  { policy, conditions }: Situation,
  durationMs: number,
): Step {
  return {
    claim,
    progress: afterLookup(claim, result, policy, conditions),
    attempts: claim.attempts,
    event: { kind: "LOOKED_UP", ...detailsOf(result), durationMs },
  };
}

/** For a cancel that was not sent: there is no event. `attempts`: the number before it was marked. */
export function skippedCancelStep(claim: Claim, attempts: number, delayMs: number): Step {
  return { claim, progress: afterSkippedCancel(claim, delayMs), attempts, event: null };
}

/** For a look-up that was not made: there is no event. */
export function skippedLookupStep(claim: Claim, { policy, conditions }: Situation, delayMs: number): Step {
  return {
    claim,
    progress: afterSkippedLookup(claim, policy, conditions, delayMs),
    attempts: claim.attempts,
    event: null,
  };
}

function detailsOf(answer: Outcome | LookupResult) {
  return {
    problemCode: problemCodeOf(answer),
    providerCode: answer.providerCode ?? null,
    providerMessage: answer.providerMessage ?? null,
    httpStatus: answer.httpStatus ?? null,
    failure: answer.failure ?? null,
  };
}
