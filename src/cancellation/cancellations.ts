import type { Cancellation, CancellationEvent, OrderKey } from "../domain/cancellation.ts";
import type { Ledger, PageFilter } from "../domain/ledger.ts";
import { within } from "../util/within.ts";
import { watchChanges } from "./changes.ts";
import type { Circuit } from "./sending/breaker.ts";
import type { Consumer } from "./sending/consumer.ts";
import { createTurns, turnMs } from "./sending/fair-share.ts";
import { type SendingOptions, startSending } from "./sending/sending.ts";
import { activeSpan, createRequestTraces } from "./tracing.ts";
import { waitUntilSettled } from "./wait-until-settled.ts";

/** The use case: cancel orders, report their state, finish every cancel that was accepted. */
export interface Cancellations {
  /**
   * Records these distinct orders and starts to cancel them. Resolves to one record per id, in order, when all are settled or
   * nothing more can happen within `waitMs`. The provider must be set up. Rejects if the ledger rejects or is too slow.
   */
  cancel(
    provider: string,
    orderIds: readonly string[],
    requestedBy: string | null,
    requestId?: string | null,
  ): Promise<Cancellation[]>;
  read(keys: readonly OrderKey[]): Promise<(Cancellation | undefined)[]>;
  history(ids: readonly number[], last: number): Promise<CancellationEvent[][]>;
  page(filter: PageFilter): Promise<Cancellation[]>;
  /** How a provider's circuit breaker stands; undefined if the provider is not set up. */
  circuit(provider: string): Circuit | undefined;
  /** Claims nothing more, waits up to `graceMs` for requests under way, and releases all other records. */
  stop(graceMs: number): Promise<void>;
}

export interface CancellationsOptions extends Omit<SendingOptions, "traces"> {
  /** Longest that `cancel` waits for providers, ms. */
  waitMs: number;
}

/** Recording a request may always take this long, ms, even if the wait for providers is shorter. */
const shortestOpenMs = 1000;

export function startCancellations(options: CancellationsOptions): Cancellations {
  const { ledger, waitMs } = options;
  const { elapsed } = options.clock;
  const traces = createRequestTraces();
  const sending = startSending({ ...options, traces });
  const watch = watchChanges(ledger);
  const turns = createTurns(elapsed);
  const ending = new AbortController();
  /** When `cancel` stops to wait because the service stops; infinite before that. */
  let endsAt = Number.POSITIVE_INFINITY;

  return {
    cancel: async (provider, orderIds, requestedBy, requestId = null) => {
      const consumer = sending.consumers.get(provider);
      if (!consumer) throw new Error(`${provider} is not set up`);
      const deadline = elapsed() + (consumer.paused() || ending.signal.aborted ? 0 : waitMs);
      const keys = orderIds.map((orderId) => ({ provider, orderId }));
      traces.note(keys, activeSpan());
      const changes = watch.begin(keys);
      try {
        // If recording takes too long for this caller, the orders are cancelled nevertheless.
        const opening = open(consumer, { provider, orderIds, requestedBy, requestId });
        const opened = await within(Math.max(waitMs, shortestOpenMs), opening, undefined);
        if (!opened) throw new Error("the ledger did not record the request in time");
        return await waitUntilSettled(opened, keys, {
          deadline,
          changes,
          ledger,
          elapsed,
          ending: ending.signal,
          endsAt: () => endsAt,
        });
      } finally {
        changes.stop();
      }
    },

    read: (keys) => ledger.read(keys),
    history: (ids, last) => ledger.history(ids, last),
    page: (filter) => ledger.page(filter),
    circuit: (provider) => sending.consumers.get(provider)?.breaker.state,

    stop: async (graceMs) => {
      endsAt = elapsed() + graceMs;
      ending.abort();
      await sending.stop(graceMs);
      watch.stop();
    },
  };

  async function open(consumer: Consumer, request: CancelRequest) {
    const { orderIds, requestedBy } = request;
    const permits = consumer.paused() ? [] : consumer.reserve(orderIds.length);
    const claim = Math.min(orderIds.length, permits.length * consumer.maxBatchSize);
    const places = { lagMs: turns.take(requestedBy, orderIds.length), turnMs };
    const opening = ledger.open({ ...request, claim, places });
    const claims = opening.then((opened) => opened.claims).catch(() => []);
    consumer.send(claims, permits);
    const { claims: claimed, records } = await opening;
    // For each request the first of its orders that is left: whoever asks for many does not pass others by.
    const left = records.find(isDue);
    if (!left) return [...claimed, ...records];
    if (places.lagMs < turnMs) consumer.pullFirst(left.id);
    else consumer.pull();
    return [...claimed, ...records];
  }
}

type CancelRequest = Pick<Parameters<Ledger["open"]>[0], "provider" | "orderIds" | "requestedBy" | "requestId">;

/** Whether it waits for somebody to claim it. */
function isDue({ status, nextAttemptInMs }: Cancellation): boolean {
  return status === "PENDING" && nextAttemptInMs !== null && nextAttemptInMs <= 0;
}
