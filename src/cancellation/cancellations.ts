import type { Cancellation, OrderKey, OrdersRequest } from "../domain/cancellation.ts";
import type { Resolution } from "../domain/ledger.ts";
import { activeSpan, createRequestTraces } from "../telemetry/tracing.ts";
import { within } from "../util/within.ts";
import { createFairShare, spacingMs } from "./fair-share.ts";
import type { OrderWatch } from "./order-watch.ts";
import { createRecheck } from "./recheck.ts";
import type { Circuit } from "./sending/breaker.ts";
import type { Consumer } from "./sending/consumer.ts";
import type { Limiter } from "./sending/limiter.ts";
import { type SendingOptions, startSending } from "./sending/sending.ts";
import { waitUntilSettled } from "./wait-until-settled.ts";

/** The use case: cancel orders, and finish every cancel that was accepted. */
export interface Cancellations {
  /**
   * Records these distinct orders in one transaction and starts to cancel them, at all their providers at once. Resolves to one record
   * per order, in order, when all are settled or nothing more can happen within `waitMs`. The providers must be set up. Rejects if the
   * ledger rejects or is too slow.
   */
  cancel(orders: readonly OrderKey[], request: OrdersRequest): Promise<Cancellation[]>;
  /** Looks UNCONFIRMED orders up once more, and sends no cancel. See `createRecheck`. */
  recheck: ReturnType<typeof createRecheck>;
  /** Records what the provider told a person about these distinct orders. Undefined for each that is not UNCONFIRMED: it is not changed. */
  resolve(orders: readonly OrderKey[], resolution: Resolution): Promise<(Cancellation | undefined)[]>;
  /** Whether the provider is set up. */
  serves(provider: string): boolean;
  /** How a provider's circuit breaker stands; undefined if the provider is not set up. */
  circuit(provider: string): Circuit | undefined;
  /** The limiter for look-ups that no cancel depends on. Throws if the provider is not set up. */
  readersLimiter(provider: string): Limiter;
  /** Claims nothing more, waits up to `graceMs` for requests under way, and releases all other records. */
  stop(graceMs: number): Promise<void>;
}

export interface CancellationsOptions extends Omit<SendingOptions, "traces"> {
  orderWatch: Pick<OrderWatch, "expect">;
  /** Longest that `cancel` waits for providers, ms. */
  waitMs: number;
}

/** Recording a request may always take this long, ms, even if the wait for providers is shorter. */
const shortestOpenMs = 1000;

export function startCancellations(options: CancellationsOptions): Cancellations {
  const { ledger, orderWatch, waitMs, emit } = options;
  const { elapsed } = options.clock;
  const traces = createRequestTraces();
  const sending = startSending({ ...options, traces });
  const fairShare = createFairShare(elapsed);
  /** After `ending`, `cancel` waits only for steps under way, and after `ended` for nothing. */
  const [ending, ended] = [new AbortController(), new AbortController()];

  return {
    cancel: async (orders, request) => {
      const byProvider = Map.groupBy(orders, ({ provider }) => provider);
      const paused = new Set(byProvider.keys().filter((provider) => consumerOf(provider).paused()));
      const leftMs = Math.max(0, waitMs - (request.ageMs ?? 0));
      const deadline = elapsed() + (ending.signal.aborted ? 0 : leftMs);
      traces.note(orders, activeSpan());
      const states = orderWatch.expect(orders);
      try {
        // If recording takes too long for this caller, the orders are cancelled nevertheless.
        const opened = await within(Math.max(leftMs, shortestOpenMs), open(byProvider, request), undefined);
        if (!opened) throw new Error("the ledger did not record the request in time");
        return await waitUntilSettled(opened, orders, {
          states,
          deadline,
          elapsed,
          mayChange: ({ provider }) => !paused.has(provider),
          isHeld: sending.holds,
          ending: ending.signal,
          ended: ended.signal,
        });
      } finally {
        await states.return();
      }
    },

    recheck: createRecheck({ ...options, askerOf: (provider) => sending.askers.get(provider), elapsed }),

    resolve: async (orders, resolution) => {
      const { status, requestId } = resolution;
      const resolved = await ledger.resolve(orders, resolution);
      const changed = resolved.filter((record) => record !== undefined);
      for (const [provider, { length }] of Map.groupBy(changed, (record) => record.provider)) {
        emit({ event: "resolved", provider, outcomes: { [status]: length }, requestId: requestId ?? undefined });
      }
      return resolved;
    },

    serves: (provider) => sending.consumers.has(provider),
    readersLimiter: sending.readersLimiter,
    circuit: (provider) => sending.consumers.get(provider)?.breaker.state,

    stop: async (graceMs) => {
      ending.abort();
      await sending.stop(graceMs);
      ended.abort();
    },
  };

  function consumerOf(provider: string): Consumer {
    const consumer = sending.consumers.get(provider);
    if (!consumer) throw new Error(`${provider} is not set up`);
    return consumer;
  }

  async function open(byProvider: ReadonlyMap<string, readonly OrderKey[]>, request: OrdersRequest) {
    const starts = [...byProvider].map(([provider, orders]) => prepare(provider, orders, request));
    const opening = ledger.open(...starts.map(({ asked }) => asked));
    for (const { consumer, asked, permits } of starts) {
      const claims = opening.then(
        (opened) => opened.claims.filter(({ provider }) => provider === asked.provider),
        () => [],
      );
      consumer.send(claims, permits);
    }
    const { claims, records } = await opening;
    for (const { consumer, asked } of starts) {
      // Only the first unclaimed order of each provider gets priority, so that a large request does not overtake small ones.
      const left = records.find((record) => record.provider === asked.provider && isDue(record));
      if (left && asked.places.placeMs < spacingMs) consumer.pullFirst(left.id);
      else if (left) consumer.pull();
    }
    return [...claims, ...records];
  }

  /** Takes a place in line, and permits for what the provider may be sent at this moment. */
  function prepare(provider: string, orders: readonly OrderKey[], { requestedBy, requestId = null }: OrdersRequest) {
    const consumer = consumerOf(provider);
    const orderIds = orders.map(({ orderId }) => orderId);
    const permits = consumer.paused() ? [] : consumer.reserve(orderIds.length);
    const claim = Math.min(orderIds.length, permits.length * consumer.maxBatchSize);
    const places = { placeMs: fairShare.take(requestedBy, orderIds.length), spacingMs };
    return { consumer, permits, asked: { provider, orderIds, requestedBy, requestId, claim, places } };
  }
}

/** True if the record is due and unclaimed. */
function isDue({ status, nextAttemptInMs }: Cancellation): boolean {
  return status === "PENDING" && nextAttemptInMs !== null && nextAttemptInMs <= 0;
}
