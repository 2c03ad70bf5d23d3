import type { Cancellation, CancellationEvent, OrderKey } from "../domain/cancellation.ts";
import type { Clock } from "../domain/clock.ts";
import type { Emit } from "../domain/events.ts";
import type { Ledger, PageFilter } from "../domain/ledger.ts";
import { watchChanges } from "./changes.ts";
import type { Policy } from "./decide.ts";
import { createRequestTraces } from "./request-traces.ts";
import type { Circuit } from "./sending/breaker.ts";
import { createTurns, turnMs } from "./sending/fair-share.ts";
import { startPoller } from "./sending/scheduler.ts";
import { type ConnectedProvider, createWorker, type Worker } from "./sending/worker.ts";
import { createWriter } from "./sending/writer.ts";
import { activeSpan } from "./span.ts";
import { waitUntilSettled } from "./wait-until-settled.ts";
import { within } from "./within.ts";

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
  /** Looks for due records now: a provider was started again. */
  look(): void;
  /** Claims nothing more, waits up to `graceMs` for requests under way, and releases all other records. */
  stop(graceMs: number): Promise<void>;
}

export interface CancellationsOptions {
  ledger: Ledger;
  providers: readonly ConnectedProvider[];
  policy: Policy;
  /** Longest that `cancel` waits for providers, ms. */
  waitMs: number;
  /** How long a claim lasts unless it is renewed, ms; the same as the ledger's. */
  leaseMs: number;
  /** Longest an exchange with a provider takes, ms. */
  exchangeMs: number;
  clock: Clock;
  /** In [0, 1). */
  random(): number;
  emit: Emit;
}

/** Longest that a stop waits for the last writes and releases, ms. If they fail, the leases run out. */
const lastWordMs = 1000;

/** Recording a request may always take this long, ms, even if the wait for providers is shorter. */
const shortestOpenMs = 1000;

/** The background loop looks for what other instances left behind this often, ms; more often while the database is away. */
const pollEveryMs = 5000;
const retryEveryMs = 1000;

export function startCancellations(options: CancellationsOptions): Cancellations {
  const { ledger, providers, waitMs, leaseMs, clock, emit } = options;
  const { elapsed } = clock;
  /** After `ending`, nothing more is sent. After `closing`, no answer is written any more. */
  const ending = new AbortController();
  const closing = new AbortController();
  const traces = createRequestTraces();
  const writer = createWriter({ ledger, onCaughtUp: () => poller.look(), signal: closing.signal, emit });
  const workers = new Map(
    providers.map((each) => [
      each.name,
      createWorker(each, { ...options, writer, traces, poller: () => poller, signal: ending.signal }),
    ]),
  );
  const poller = startPoller({
    ledger,
    writer,
    queues: [...workers].map(([provider, worker]) => ({
      provider,
      paused: worker.paused,
      pull: worker.puller.pull,
      claims: () => worker.dispatcher.claims,
    })),
    renewEveryMs: leaseMs / 3,
    pollEveryMs,
    retryEveryMs,
    elapsed,
    emit,
  });
  const watch = watchChanges(ledger);
  const turns = createTurns(elapsed);
  /** When `cancel` stops to wait because the service stops; infinite before that. */
  let endsAt = Number.POSITIVE_INFINITY;

  return {
    cancel: async (provider, orderIds, requestedBy, requestId = null) => {
      const worker = workers.get(provider);
      if (!worker) throw new Error(`${provider} is not set up`);
      const deadline = elapsed() + (worker.paused() || ending.signal.aborted ? 0 : waitMs);
      const keys = orderIds.map((orderId) => ({ provider, orderId }));
      traces.note(keys, activeSpan());
      const changes = watch.begin(keys);
      try {
        // If recording takes too long for this caller, the orders are cancelled nevertheless.
        const opening = open(worker, { provider, orderIds, requestedBy, requestId });
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
    circuit: (provider) => workers.get(provider)?.breaker.state,
    look: () => poller.look(),

    stop: async (graceMs) => {
      endsAt = elapsed() + graceMs;
      ending.abort();
      await within(graceMs, finish(), undefined);
      closing.abort();
      await within(lastWordMs, endAll(), undefined);
      poller.close();
      watch.stop();
    },
  };

  async function open(worker: Worker, request: CancelRequest) {
    const { orderIds, requestedBy } = request;
    const permits = worker.paused() ? [] : worker.puller.reserve(orderIds.length);
    const claim = Math.min(orderIds.length, permits.length * worker.maxBatchSize);
    const places = { lagMs: turns.take(requestedBy, orderIds.length), turnMs };
    const opening = ledger.open({ ...request, claim, places });
    const claims = opening.then((opened) => opened.claims).catch(() => []);
    worker.puller.send(claims, permits);
    const { claims: claimed, records } = await opening;
    // For each request the first of its orders that is left: whoever asks for many does not pass others by.
    const left = records.find(isDue);
    if (!left) return [...claimed, ...records];
    if (places.lagMs < turnMs) worker.puller.pullFirst(left.id);
    else worker.puller.pull();
    return [...claimed, ...records];
  }

  /** Steps that wait to be written get one more try. All other claims are released. */
  async function endAll(): Promise<void> {
    await writer.idle();
    const held = [...workers.values()].flatMap(({ dispatcher }) => [...dispatcher.claims]);
    await ledger.release(held).catch(() => {});
  }

  async function finish(): Promise<void> {
    await poller.stop();
    await Promise.all([...workers.values()].map(({ puller }) => puller.idle()));
  }
}

type CancelRequest = Pick<Parameters<Ledger["open"]>[0], "provider" | "orderIds" | "requestedBy" | "requestId">;

/** Whether it waits for somebody to claim it. */
function isDue({ status, nextAttemptInMs }: Cancellation): boolean {
  return status === "PENDING" && nextAttemptInMs !== null && nextAttemptInMs <= 0;
}
