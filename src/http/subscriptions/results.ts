import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from "graphql";
import type { RequestContext } from "../../api/context.ts";
import type { OrderState, OrderStates } from "../../cancellation/order-states.ts";
import type { SubscriptionEndedEvent } from "../../domain/events.ts";
import { backoff } from "../../util/backoff.ts";
import { currentReport, type RequestReport } from "../request-report.ts";

/** How a stream ended. */
export type EndReason = SubscriptionEndedEvent["reason"];

/** The answer to one event. One with errors is the last. */
export type Result = Pick<ExecutionResult, "data"> | { errors: readonly GraphQLFormattedError[] };

/** The answers of one subscription. Take the next one only when the client has taken the last one. It never rejects. */
export interface Results extends AsyncIterableIterator<Result, undefined> {
  end(reason: EndReason): void;
  /** Aborted when it ends, with the reason. */
  readonly signal: AbortSignal;
  /** The client has left. */
  return(): Promise<IteratorReturnResult<undefined>>;
}

export interface ResultsOptions {
  run: {
    schema: GraphQLSchema;
    document: DocumentNode;
    operationName?: string | undefined;
    variableValues?: Record<string, unknown> | undefined;
  };
  source: OrderStates;
  /** A context of its own for each event: what one event has read is old at the next. */
  createContext(): RequestContext;
  /** Waits for this stream's turn: a change can concern a thousand streams, and to answer all at once takes long. */
  takeTurn(): Promise<void>;
  report: RequestReport;
  maxAgeMs: number;
  expiresInMs: number | null;
  mask(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError;
  /** Called once. `states`: how many were answered. */
  onEnd(states: number, reason: EndReason): void;
}

/** Waits before an event that could not be answered is tried again, ms; the last one repeats. */
const retryDelaysMs = [500, 1000, 2000, 5000, 15_000];

/** Longest time that Node's timers can wait, ms: 24 days. */
export const longestTimerMs = 2 ** 31 - 1;

export function openResults(options: ResultsOptions): Results {
  const { source, maxAgeMs, expiresInMs, onEnd } = options;
  const ending = new AbortController();
  const { signal } = ending;
  let states = 0;

  const end = (reason: EndReason): void => {
    if (signal.aborted) return;
    clearTimeout(age);
    clearTimeout(expiry);
    ending.abort(reason);
    void source.return();
    onEnd(states, reason);
  };
  const age = setTimeout(end, Math.min(maxAgeMs, longestTimerMs), "age");
  const expiry = expiresInMs === null ? undefined : setTimeout(end, Math.min(expiresInMs, longestTimerMs), "token");

  const results: Results = {
    [Symbol.asyncIterator]: () => results,
    next: async () => {
      const state = await source.next();
      if (state.done) end("settled");
      else states += 1;
      const result = state.done ? undefined : await answer(options, state.value, signal);
      if (signal.aborted || !result) return { done: true, value: undefined };
      if ("errors" in result) end("error");
      return { done: false, value: result };
    },
    return: async () => {
      end("client");
      return { done: true, value: undefined };
    },
    end,
    signal,
  };
  return results;
}

/**
 * The answer to one event. What cannot be read now, because the database is away, is tried again until it can be. An error that is
 * the caller's would come again with each event: it is answered. Undefined if the stream ends before that.
 */
async function answer(
  { run, createContext, takeTurn, report, mask }: ResultsOptions,
  state: OrderState,
  signal: AbortSignal,
): Promise<Result | undefined> {
  const retries = backoff(retryDelaysMs, signal);
  while (!signal.aborted) {
    await takeTurn();
    const contextValue = createContext();
    const result = await currentReport.run(report, async () => execute({ ...run, rootValue: state, contextValue }));
    if (!result.errors) return { data: result.data ?? null };
    // It also logs them.
    const errors = result.errors.map((error) => mask(error.toJSON(), error));
    if (errors.some(({ extensions }) => extensions?.code !== "INTERNAL_SERVER_ERROR")) return { errors };
    await retries.wait();
  }
  return undefined;
}
