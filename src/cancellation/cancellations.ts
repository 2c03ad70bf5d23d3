import type { Cancellation, CancellationEvent, OrderKey } from "../domain/cancellation.ts";
import type { Clock } from "../domain/clock.ts";
import type { Emit } from "../domain/events.ts";
import type { Ledger, PageFilter } from "../domain/ledger.ts";
import type { ProviderClient, ProviderSetup } from "../domain/provider.ts";
import { watchChanges } from "./changes.ts";
import type { Circuit } from "./circuit.ts";
import type { Policy } from "./decide.ts";
import { createDispatcher, type Dispatcher } from "./dispatcher.ts";
import { concurrencyLimiter, type Limiter, slotLimiter } from "./limiter.ts";
import { startPoller } from "./poller.ts";
import { createRequestTraces } from "./request-traces.ts";
import { activeSpan } from "./span.ts";
import { waitUntilSettled } from "./wait-until-settled.ts";
import { within } from "./within.ts";
import { createWriter } from "./writer.ts";

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

export interface ConnectedProvider {
  name: string;
  setup: ProviderSetup;
  client: ProviderClient;
  /** Records are kept PENDING and nothing is sent. */
  paused: boolean;
}

/** Longest that a stop waits for the last writes and releases, ms. If they fail, the leases run out. */
const lastWordMs = 1000;

/** Recording a request may always take this long, ms, even if the wait for providers is shorter. */
const shortestOpenMs = 1000;

/** The background loop looks for what other instances left behind this often, ms. */
const pollEveryMs = 1000;

export function startCancellations(options: CancellationsOptions): Cancellations {
  const { ledger, waitMs, leaseMs, clock, emit } = options;
  const { elapsed } = clock;
  /** After `ending`, nothing more is sent. After `closing`, no answer is written any more. */
  const ending = new AbortController();
  const closing = new AbortController();
  const paused = new Set(options.providers.filter((each) => each.paused).map(({ name }) => name));
  const traces = createRequestTraces();
  const writer = createWriter({ ledger, onCaughtUp: () => poller.look(), signal: closing.signal, emit });
  const dispatchers = new Map(
    options.providers.map((each) => [
      each.name,
      createDispatcher({
        provider: each.name,
        client: each.client,
        maxBatchSize: each.setup.maxBatchSize,
        ledger,
        writer,
        limiter: limiterOf(each, options, ending.signal),
        traces,
        policy: options.policy,
        elapsed,
        random: options.random,
        onDue: (delayMs) => poller.wake(delayMs),
        emit,
      }),
    ]),
  );
  const poller = startPoller({
    ledger,
    writer,
    queues: options.providers.map(({ name, setup }) => ({
      provider: name,
      paused: paused.has(name),
      room: roomOf(setup),
      dispatch: (claim) => work(dispatcherOf(name).dispatch(claim)),
      claims: () => dispatcherOf(name).claims,
    })),
    renewEveryMs: leaseMs / 3,
    pollEveryMs,
    elapsed,
    emit,
  });
  const watch = watchChanges(ledger);
  const working = new Set<Promise<void>>();
  /** How many orders GraphQL requests may still claim, by provider. The poller claims the others. */
  const room = new Map(options.providers.map(({ name, setup }) => [name, paused.has(name) ? 0 : 2 * roomOf(setup)]));
  /** When `cancel` stops to wait because the service stops; infinite before that. */
  let endsAt = Number.POSITIVE_INFINITY;

  return {
    cancel: async (provider, orderIds, requestedBy, requestId = null) => {
      const idle = paused.has(provider) || ending.signal.aborted;
      const deadline = elapsed() + (idle ? 0 : waitMs);
      const keys = orderIds.map((orderId) => ({ provider, orderId }));
      traces.note(keys, activeSpan());
      const changes = watch.begin(keys);
      try {
        // If recording takes too long for this caller, the orders are cancelled nevertheless.
        const opening = open(provider, orderIds, requestedBy, requestId);
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
    circuit: (provider) => dispatchers.get(provider)?.circuit,

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

  function dispatcherOf(provider: string): Dispatcher {
    const dispatcher = dispatchers.get(provider);
    if (!dispatcher) throw new Error(`${provider} is not set up`);
    return dispatcher;
  }

  async function open(
    provider: string,
    orderIds: readonly string[],
    requestedBy: string | null,
    requestId: string | null,
  ) {
    const free = ending.signal.aborted ? 0 : (room.get(provider) ?? 0);
    const claim = Math.min(free, orderIds.length);
    room.set(provider, free - claim);
    let unused = claim;
    try {
      const { claims, records } = await ledger.open({ provider, orderIds, requestedBy, requestId, claim });
      unused -= claims.length;
      for (const each of claims) void work(dispatcherOf(provider).dispatch(each)).then(() => giveRoom(provider, 1));
      if (claims.length === claim && claim < orderIds.length) poller.look();
      return [...claims, ...records];
    } finally {
      giveRoom(provider, unused);
    }
  }

  function giveRoom(provider: string, orders: number): void {
    room.set(provider, (room.get(provider) ?? 0) + orders);
  }

  /** Steps that wait to be written get one more try. All other claims are released. */
  async function endAll(): Promise<void> {
    await writer.idle();
    const held = [...dispatchers.values()].flatMap(({ claims }) => [...claims]);
    await ledger.release(held).catch(() => {});
  }

  async function finish(): Promise<void> {
    await poller.stop();
    await Promise.all(working);
  }

  function work(step: Promise<void>): Promise<void> {
    working.add(step);
    void step.then(() => working.delete(step));
    return step;
  }
}

/** Most orders in progress at once: enough for one request under way and the next one. */
function roomOf({ maxBatchSize, concurrency }: ProviderSetup): number {
  return Math.max(maxBatchSize, 2 * concurrency);
}

function limiterOf({ name, setup }: ConnectedProvider, options: CancellationsOptions, signal: AbortSignal): Limiter {
  const { ledger, exchangeMs } = options;
  const { elapsed } = options.clock;
  if (setup.minIntervalMs === null) return concurrencyLimiter({ limit: setup.concurrency, elapsed, signal });
  return slotLimiter({ ledger, provider: name, intervalMs: setup.minIntervalMs, exchangeMs, elapsed, signal });
}
