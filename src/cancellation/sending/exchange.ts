import type { OrderKey } from "../../domain/cancellation.ts";
import type { Emit, ExchangeEvent } from "../../domain/events.ts";
import { type LookupResult, type Outcome, problemCodeOf } from "../../domain/outcome.ts";
import { inSpan, type RequestTraces, type SpanEnd } from "../../telemetry/tracing.ts";

/** What a client answers for one order. */
export type Answer = Outcome | LookupResult;

/** What a request is for. `read` is a look-up that no cancel depends on. */
export type Operation = ExchangeEvent["event"];

/** The client's call for one order. */
export interface Call<Result extends Answer> {
  operation: Operation;
  ask(orderId: string): Promise<Result>;
  /** The answer for an order whose call throws, which it must not do: it was sent, and nothing is known. */
  broken: Result;
}

export interface ExchangerOptions {
  provider: string;
  /** The requests whose traces an exchange belongs to. */
  traces: Pick<RequestTraces, "of">;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  emit: Emit;
}

/** Makes requests to one provider, in a span, and reports how they ended. Never rejects; one answer per order, in order. */
export function createExchanger({ provider, traces, elapsed, emit }: ExchangerOptions) {
  return async <Result extends Answer>(
    call: Call<Result>,
    orders: readonly OrderKey[],
    waitMs: number,
  ): Promise<{ answers: readonly Result[]; durationMs: number }> => {
    const attributes = { provider, orders: orders.length };
    const startedAt = elapsed();
    const span = { name: call.operation, attributes, requests: traces.of(orders) };
    const answers = await inSpan(span, () => askAll(call, orders), toSpanEnd);
    const durationMs = Math.round(elapsed() - startedAt);
    report(call.operation, answers, waitMs, durationMs);
    return { answers, durationMs };
  };

  /** All in one turn of the event loop, so that the client can send them in one request. */
  async function askAll<Result extends Answer>({ ask, broken }: Call<Result>, orders: readonly OrderKey[]) {
    const asked = await Promise.allSettled(orders.map(async ({ orderId }) => ask(orderId)));
    const failure = asked.find((result) => result.status === "rejected");
    if (failure) emit({ provider, event: "client-failed", error: failure.reason });
    return asked.map((result) => (result.status === "fulfilled" ? result.value : broken));
  }

  function report(operation: Operation, answers: readonly Answer[], waitMs: number, durationMs: number): void {
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
    const offMs = answers.find(({ clockOffMs }) => clockOffMs !== undefined)?.clockOffMs;
    if (offMs !== undefined) emit({ event: "clock-refused", provider, operation, offMs });
  }
}

/** How often each word occurs. */
export function tally(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    Map.groupBy(words, (word) => word)
      .entries()
      .map(([word, { length }]) => [word, length]),
  );
}

/** All orders of a request share one exchange. If there were several, as when the client reads an amount first, this is about the last one. */
function exchangeOf(answers: readonly Answer[]) {
  return {
    httpStatus: answers.find(({ httpStatus }) => httpStatus !== undefined)?.httpStatus ?? null,
    failure: answers.find(({ failure }) => failure !== undefined)?.failure ?? null,
  };
}

function toSpanEnd(answers: readonly Answer[]): SpanEnd {
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
