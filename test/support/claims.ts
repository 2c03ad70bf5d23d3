import type { Claim, Progress } from "../../src/domain/cancellation.ts";
import type { Transition } from "../../src/domain/ledger.ts";

/** A claim on an order that was just sent for the first time. */
export function claimOf(changes: Partial<Claim> = {}): Claim {
  return {
    ...{ id: 1, provider: "P", orderId: "1", status: "PENDING", problem: null, token: "t" },
    ...{ requestedAt: 0, settledAt: null, nextAttemptAt: null, nextAttemptInMs: null, sentAt: null },
    ...{
      attempts: 1,
      ageMs: 0,
      nextAction: "cancel",
      inDoubt: false,
      retries: 0,
      lookups: 0,
      watchedMs: 0,
      maxBatch: null,
    },
    ...changes,
  };
}

/** The claim's attempt was answered, and this is what becomes of its record. */
export function answeredTransition(claim: Claim, progress: Progress): Transition {
  const problemCode = progress.problem?.code ?? null;
  const event = {
    kind: "ATTEMPT_ENDED",
    problemCode,
    ...{ providerCode: "E7", providerMessage: "said so" },
    httpStatus: 200,
    durationMs: 7,
    failure: null,
  } as const;
  return { claim, progress, attempts: claim.attempts, event };
}

/** The record has ended. */
export function settledProgress(
  status: Exclude<Progress["status"], "PENDING">,
  problem: Progress["problem"] = null,
): Progress {
  const nothing = { inDoubt: false, retries: 0, lookups: 0, watchedMs: 0, maxBatch: null };
  return { status, problem, nextAction: "cancel", delayMs: null, ...nothing };
}
