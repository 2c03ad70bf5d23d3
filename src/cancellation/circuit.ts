import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
} from "cockatiel";
import type { Log } from "../domain/log.ts";
import type { Outcome, Standing } from "../domain/outcome.ts";

export type Circuit = "CLOSED" | "OPEN" | "HALF_OPEN";

/**
 * Failures in a row after which nothing is sent, and for how long until one request tries again, ms. Ten: one burst to a
 * provider that hangs; five seconds: within the time that a mutation waits.
 */
const breakerThreshold = 10;
export const breakerPauseMs = 5000;

/** Opens after consecutive failures; a share of failures would never be reached at the rate of a cancel button. */
export function createBreaker(provider: string, log: Log): CircuitBreakerPolicy {
  const breaker = circuitBreaker(handleWhenResult(isFailure), {
    halfOpenAfter: breakerPauseMs,
    breaker: new ConsecutiveBreaker(breakerThreshold),
  });
  breaker.onStateChange(() => log.warn({ provider, event: "circuit", circuit: circuitOf(breaker) }));
  return breaker;
}

/** Whether a whole exchange came to nothing: no order in it got a word that can be used. No exchange is no failure. */
function isFailure(result: unknown): boolean {
  const answer = Array.isArray(result) ? result : (result as { answer?: unknown } | undefined)?.answer;
  if (!Array.isArray(answer) || answer.length === 0) return false;
  return (answer as (Outcome | Standing)[]).every(
    (each) =>
      each.kind === "unknown" ||
      (each.kind === "unanswered" && !each.busy) ||
      (each.kind === "notSent" && each.code === "PROVIDER_UNAVAILABLE"),
  );
}

export function circuitOf(breaker: CircuitBreakerPolicy): Circuit {
  if (breaker.state === CircuitState.Closed) return "CLOSED";
  return breaker.state === CircuitState.HalfOpen ? "HALF_OPEN" : "OPEN";
}
