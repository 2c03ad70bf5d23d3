import type { Claim } from "../../domain/cancellation.ts";
import type { Emit } from "../../domain/events.ts";
import { type LookupResult, type Outcome, problemCodeOf } from "../../domain/outcome.ts";
import type { RequestTraces } from "../request-traces.ts";
import { inSpan, type SpanEnd } from "../span.ts";
import type { CircuitBreaker } from "./breaker.ts";
import { type Permit, sendWithinMs } from "./limiter.ts";
import { tally } from "./tally.ts";
import { verdictOf } from "./verdict.ts";

/** One request to a provider: what it is for, and about which records. */
export interface ExchangeRequest<Answer> {
  operation: "cancel" | "lookup";
  /** Called just before the request is sent. Resolves to the claims that it may still carry. */
  prepare(): Promise<readonly Claim[]>;
  ask(orderId: string): Promise<Answer>;
  /** The answer for each order if the client throws, which it must not do. */
  brokenAnswer: Answer;
}

/** How that request ended. */
export type ExchangeResult<Answer> =
  | { kind: "circuitOpen" }
  /** `prepare` failed: nothing was sent. */
  | { kind: "unprepared" }
  /** It was too late to send these, the provider was paused meanwhile, or no claim was left to send. */
  | { kind: "unsent"; claims: readonly Claim[] }
  /** One answer per claim, in their order. */
  | { kind: "answered"; claims: readonly Claim[]; answers: readonly Answer[]; durationMs: number };

export interface ExchangerOptions {
  provider: string;
  breaker: CircuitBreaker;
  /** Whether nothing may be sent at this moment. */
  paused(): boolean;
  /** The requests whose traces an exchange belongs to. */
  traces: Pick<RequestTraces, "of">;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  emit: Emit;
}

/** Makes requests to one provider behind its circuit breaker, and releases each permit. Never rejects. */
export function createExchanger({ provider, breaker, paused, traces, elapsed, emit }: ExchangerOptions) {
  return async <Answer extends Outcome | LookupResult>(
    request: ExchangeRequest<Answer>,
    permit: Permit,
  ): Promise<ExchangeResult<Answer>> => {
    const pass = breaker.enter();
    let claims: readonly Claim[] | undefined;
    let answers: readonly Answer[] | undefined;
    try {
      if (!pass) return { kind: "circuitOpen" };
      const preparingSince = elapsed();
      claims = await prepare(request);
      if (!claims) return { kind: "unprepared" };
      if (paused()) return { kind: "unsent", claims };
      const startedAt = elapsed();
      const inTime = startedAt - preparingSince <= sendWithinMs;
      if (claims.length === 0 || !inTime || !permit.maySend()) return { kind: "unsent", claims };
      answers = await ask(request, claims);
      const durationMs = Math.round(elapsed() - startedAt);
      report(request.operation, answers, permit.waitMs, durationMs);
      return { kind: "answered", claims, answers, durationMs };
    } finally {
      pass?.leave(answers && verdictOf(claims ?? [], answers));
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
  function ask<Answer extends Outcome | LookupResult>(
    { operation, ask, brokenAnswer }: ExchangeRequest<Answer>,
    claims: readonly Claim[],
  ) {
    const attributes = { provider, orders: claims.length };
    const askSafely = async () => {
      // All in one turn of the event loop, so that the client can send them in one request.
      const asked = await Promise.allSettled(claims.map(async ({ orderId }) => ask(orderId)));
      const broken = asked.find((result) => result.status === "rejected");
      if (broken) emit({ provider, event: "client-failed", error: broken.reason });
      return asked.map((result) => (result.status === "fulfilled" ? result.value : brokenAnswer));
    };
    return inSpan({ name: operation, attributes, requests: traces.of(claims) }, askSafely, toSpanEnd);
  }

  function report(
    operation: "cancel" | "lookup",
    answers: readonly (Outcome | LookupResult)[],
    waitMs: number,
    durationMs: number,
  ): void {
    const orders = answers.length;
    if (answers.some(({ kind }) => kind === "batchRefused")) {
      emit({ event: "batch-refused", provider, operation, orders, waitMs, durationMs });
      return;
    }
    const outcomes = tally(answers.map(({ kind }) => kind));
    const problems = tally(answers.flatMap((answer) => problemCodeOf(answer) ?? []));
    const { httpStatus, failure } = exchangeOf(answers);
    emit({ provider, event: operation, orders, waitMs, durationMs, outcomes, problems, httpStatus, failure });
    if (problems.PROVIDER_REJECTED_CREDENTIALS) emit({ event: "key-refused", provider, operation, httpStatus });
  }

  /** Never rejects, so that the answer is kept. If the permit cannot be released, the lease on its slot runs out. */
  async function release(permit: Permit, answers: readonly (Outcome | LookupResult)[] | undefined) {
    const released = answers === undefined ? permit.releaseUnused() : permit.release(longestPause(answers));
    await released.catch((error) => emit({ provider, event: "release-failed", error }));
  }
}

/** All orders of a request share one exchange. If it was several, as when an amount is read first, the last one is told. */
function exchangeOf(answers: readonly (Outcome | LookupResult)[]) {
  return {
    httpStatus: answers.find(({ httpStatus }) => httpStatus !== undefined)?.httpStatus ?? null,
    failure: answers.find(({ failure }) => failure !== undefined)?.failure ?? null,
  };
}

function toSpanEnd(answers: readonly (Outcome | LookupResult)[]): SpanEnd {
  const { httpStatus, failure } = exchangeOf(answers);
  const outcome = [...new Set(answers.map(({ kind }) => kind))].toSorted().join(",");
  return {
    attributes: {
      outcome,
      "http.response.status_code": httpStatus ?? undefined,
      failure: failure ?? undefined,
    },
    failed: failure !== null,
  };
}

function longestPause(answers: readonly (Outcome | LookupResult)[]): number {
  return Math.max(0, ...answers.map((answer) => ("retryAfterMs" in answer ? (answer.retryAfterMs ?? 0) : 0)));
}
