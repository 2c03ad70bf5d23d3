import type { Claim } from "../domain/cancellation.ts";
import type { Emit } from "../domain/events.ts";
import type { LookupResult, Outcome } from "../domain/outcome.ts";
import { type BatchRefused, batchRefused } from "../domain/provider.ts";
import type { CircuitBreaker } from "./circuit.ts";
import type { Permit } from "./limiter.ts";
import { inSpan } from "./span.ts";
import { tally } from "./tally.ts";

/** One request to a provider: what it is for, and about which records. */
export interface ExchangeRequest<Answer> {
  operation: "cancel" | "lookup";
  /** Called just before the request leaves. Resolves to the records that it may still be about. */
  prepare(): Promise<readonly Claim[]>;
  ask(orderIds: readonly string[]): Promise<readonly Answer[] | BatchRefused>;
  /** What is known of an order if the client breaks its promise not to throw. */
  brokenAnswer: Answer;
}

/** How that went. */
export type ExchangeResult<Answer> =
  | { kind: "circuitOpen" }
  /** `prepare` failed: nothing was sent. */
  | { kind: "unprepared" }
  /** No time was left to send these, or none was left to be sent. */
  | { kind: "unsent"; claims: readonly Claim[] }
  | { kind: "refusedAsAWhole"; claims: readonly Claim[] }
  /** One answer per claim, in their order. */
  | { kind: "answered"; claims: readonly Claim[]; answers: readonly Answer[]; durationMs: number };

export interface ExchangerOptions {
  provider: string;
  breaker: CircuitBreaker;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  emit: Emit;
}

/** Makes requests to one provider behind its circuit breaker, and gives each permit back. Never rejects. */
export function createExchanger({ provider, breaker, elapsed, emit }: ExchangerOptions) {
  return async <Answer extends Outcome | LookupResult>(
    request: ExchangeRequest<Answer>,
    permit: Permit,
  ): Promise<ExchangeResult<Answer>> => {
    const pass = breaker.enter();
    let answers: readonly Answer[] | BatchRefused | undefined;
    try {
      if (!pass) return { kind: "circuitOpen" };
      const claims = await prepare(request);
      if (!claims) return { kind: "unprepared" };
      const startedAt = elapsed();
      if (claims.length === 0 || startedAt > permit.sendBefore) return { kind: "unsent", claims };
      answers = await ask(request, claims);
      const durationMs = Math.round(elapsed() - startedAt);
      if (answers === batchRefused) {
        const { operation } = request;
        emit({ event: "batch-refused", provider, operation, orders: claims.length, waitMs: permit.waitMs, durationMs });
        return { kind: "refusedAsAWhole", claims };
      }
      report(request.operation, answers, { waitMs: permit.waitMs, durationMs });
      return { kind: "answered", claims, answers, durationMs };
    } finally {
      pass?.leave(answers && isFailure(answers));
      await release(permit, answers);
    }
  };

  async function prepare({ prepare }: Pick<ExchangeRequest<unknown>, "prepare">) {
    try {
      return await prepare();
    } catch (error) {
      emit({ provider, event: "not-marked", error });
      return undefined;
    }
  }

  /** A client must not throw. If it does, assume that the request was sent and nothing is known. */
  function ask<Answer>({ operation, ask, brokenAnswer }: ExchangeRequest<Answer>, claims: readonly Claim[]) {
    const orderIds = claims.map((claim) => claim.orderId);
    return inSpan(operation, { provider, orders: claims.length }, async () => {
      try {
        return await ask(orderIds);
      } catch (error) {
        emit({ provider, event: "client-failed", error });
        return orderIds.map(() => brokenAnswer);
      }
    });
  }

  function report(
    event: "cancel" | "lookup",
    answers: readonly (Outcome | LookupResult)[],
    times: { waitMs: number; durationMs: number },
  ): void {
    emit({ provider, event, orders: answers.length, ...times, outcomes: tally(answers.map(({ kind }) => kind)) });
  }

  /** An answer in hand is worth more than the slot: if it cannot be given back, its lease runs out. */
  async function release(permit: Permit, answers: readonly (Outcome | LookupResult)[] | BatchRefused | undefined) {
    const released = answers === undefined ? permit.releaseUnused() : permit.release(longestPause(answers));
    await released.catch((error) => emit({ provider, event: "release-failed", error }));
  }
}

/** Whether a whole exchange came to nothing: no order in it got an answer that can be used. */
function isFailure(answers: readonly (Outcome | LookupResult)[] | BatchRefused): boolean {
  if (answers === batchRefused) return false;
  return answers.every(
    (each) =>
      each.kind === "unknown" ||
      (each.kind === "unanswered" && !each.busy) ||
      (each.kind === "notSent" && each.code === "PROVIDER_UNAVAILABLE"),
  );
}

function longestPause(answers: readonly (Outcome | LookupResult)[] | BatchRefused): number {
  if (answers === batchRefused) return 0;
  return Math.max(0, ...answers.map((answer) => ("retryAfterMs" in answer ? (answer.retryAfterMs ?? 0) : 0)));
}
