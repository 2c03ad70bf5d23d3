import type { Claim } from "../domain/cancellation.ts";
import type { Step } from "../domain/ledger.ts";
import type { Outcome, ProblemCode, Standing } from "../domain/outcome.ts";
import {
  afterCancel,
  afterLookup,
  afterSkippedCancel,
  afterSkippedLookup,
  type Conditions,
  type Policy,
} from "./decide.ts";

/** What the steps of one provider's records are decided by, at one moment. */
export interface Situation {
  policy: Policy;
  conditions: Conditions;
}

/** `marked`: whether the record was marked as sent for this very attempt. `durationMs`: null if nothing was exchanged. */
export function cancelStep(
  claim: Claim,
  outcome: Outcome,
  { policy, conditions }: Situation,
  { marked, durationMs }: { marked: boolean; durationMs: number | null },
): Step {
  // Marked, but the cancel never reached them: it does not count.
  const uncounted = marked && !(outcome.carried ?? outcome.kind !== "notSent");
  return {
    claim,
    progress: afterCancel(claim, outcome, policy, conditions),
    attempts: claim.attempts - (uncounted ? 1 : 0),
    event: { kind: "ANSWERED", ...wordsOf(outcome), durationMs },
  };
}

export function lookupStep(
  claim: Claim,
  standing: Standing,
  { policy, conditions }: Situation,
  durationMs: number,
): Step {
  return {
    claim,
    progress: afterLookup(claim, standing, policy, conditions),
    attempts: claim.attempts,
    event: { kind: "LOOKED_UP", ...wordsOf(standing), durationMs },
  };
}

/** For a cancel that was not sent: no event tells of it. `attempts`: as they were before it was marked. */
export function skippedCancelStep(claim: Claim, attempts: number, delayMs: number): Step {
  return { claim, progress: afterSkippedCancel(claim, delayMs), attempts, event: null };
}

/** For a look-up that was not made: no event tells of it. */
export function skippedLookupStep(claim: Claim, { policy, conditions }: Situation, delayMs: number): Step {
  return {
    claim,
    progress: afterSkippedLookup(claim, policy, conditions, delayMs),
    attempts: claim.attempts,
    event: null,
  };
}

function wordsOf(answer: Outcome | Standing) {
  return { problemCode: codeOf(answer), httpStatus: answer.httpStatus ?? null, failure: answer.failure ?? null };
}

function codeOf(answer: Outcome | Standing): ProblemCode | null {
  if ("code" in answer) return answer.code;
  return answer.kind === "cancelled" || answer.kind === "open" ? null : "OUTCOME_UNKNOWN";
}
