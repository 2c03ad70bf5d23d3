import { setTimeout as pause } from "node:timers/promises";
import type { Cancellation, CancellationEvent, OrderKey } from "../domain/cancellation.ts";
import type { Ledger, PageFilter } from "../domain/ledger.ts";
import type { Log } from "../domain/log.ts";
import type { ProviderClient, ProviderSetup } from "../domain/provider.ts";
import { type Changes, keyText, watchChanges } from "./changes.ts";
import type { Circuit } from "./circuit.ts";
import { createDispatcher, type Dispatcher } from "./dispatch.ts";
import { concurrencyPace, type Pace, slotPace } from "./pace.ts";
import { startRecovery } from "./recover.ts";
import type { Policy } from "./settle.ts";

/** The use case: cancel orders, tell how they stand, finish what was accepted. */
export interface Cancellations {
  /**
   * Records these distinct orders, sets to work, and answers one record per id, in order, when all are settled or nothing
   * more can happen within `waitMs`. The provider must be set up. Rejects only where the ledger does.
   */
  cancel(provider: string, orderIds: readonly string[], requestedBy: string | null): Promise<Cancellation[]>;
  read(keys: readonly OrderKey[]): Promise<(Cancellation | undefined)[]>;
  history(ids: readonly number[]): Promise<CancellationEvent[][]>;
  page(filter: PageFilter): Promise<Cancellation[]>;
  /** How a provider's circuit breaker stands; undefined where the provider is not set up. */
  circuit(provider: string): Circuit | undefined;
  /** Claims nothing more, finishes what is on the wire within `graceMs`, hands the rest back. */
  stop(graceMs: number): Promise<void>;
}

export interface CancellationsOptions {
  ledger: Ledger;
  providers: readonly ConnectedProvider[];
  policy: Policy;
  /** Longest that `cancel` waits for providers, ms. */
  waitMs: number;
  /** As the ledger's. */
  leaseMs: number;
  /** Longest an exchange with a provider takes, ms. */
  exchangeMs: number;
  now(): number;
  /** In [0, 1). */
  random(): number;
  log: Log;
}

export interface ConnectedProvider {
  name: string;
  setup: ProviderSetup;
  client: ProviderClient;
  /** Records are kept PENDING and nothing is sent. */
  paused: boolean;
}

/** While it waits, `cancel` reads all that is open again this often, ms, in case another instance's word got lost. */
const readAgainMs = 1000;

export function startCancellations(options: CancellationsOptions): Cancellations {
  const { ledger, waitMs, leaseMs, now, log } = options;
  /** Nothing more is sent once work ends; answers on the wire are still written until it closes. */
  const ending = new AbortController();
  const closing = new AbortController();
  const paused = new Set(options.providers.filter((each) => each.paused).map(({ name }) => name));
  const dispatchers = new Map(
    options.providers.map((each) => [
      each.name,
      createDispatcher({
        ...{ provider: each.name, client: each.client, maxBatchSize: each.setup.maxBatchSize, ledger, now, log },
        ...{ policy: options.policy, random: options.random, pace: paceOf(each, options, ending.signal) },
        onDue: (at) => recovery.wake(at),
        signal: closing.signal,
      }),
    ]),
  );
  const recovery = startRecovery({
    ledger,
    lanes: options.providers
      .filter(({ name }) => !paused.has(name))
      .map(({ name, setup }) => ({
        provider: name,
        room: Math.max(setup.maxBatchSize, 2 * setup.concurrency),
        dispatch: (claim) => work(dispatcherOf(name).dispatch(claim)),
        claims: () => dispatcherOf(name).claims,
      })),
    renewEveryMs: leaseMs / 3,
    now,
    log,
  });
  const watch = watchChanges(ledger);
  const working = new Set<Promise<void>>();
  /** When the last exchange on the wire is given up; known once it stops. */
  let endsAt = Number.POSITIVE_INFINITY;

  return {
    cancel: async (provider, orderIds, requestedBy) => {
      const claim = !paused.has(provider) && !ending.signal.aborted;
      const deadline = now() + (claim ? waitMs : 0);
      const keys = orderIds.map((orderId) => ({ provider, orderId }));
      const changes = watch.begin(keys);
      try {
        const { claims, records } = await ledger.open({ provider, orderIds, requestedBy, claim });
        for (const each of claims) void work(dispatcherOf(provider).dispatch(each));
        return await settledRecords([...claims, ...records], keys, deadline, changes);
      } finally {
        changes.stop();
      }
    },

    read: (keys) => ledger.read(keys),
    history: (ids) => ledger.history(ids),
    page: (filter) => ledger.page(filter),
    circuit: (provider) => dispatchers.get(provider)?.circuit,

    stop: async (graceMs) => {
      endsAt = now() + graceMs;
      ending.abort();
      await recovery.stop();
      await Promise.race([Promise.all(working), pause(graceMs, undefined, { ref: false })]);
      closing.abort();
      await ledger.handBack([...dispatchers.values()].flatMap(({ claims }) => [...claims])).catch(() => {});
      watch.stop();
    },
  };

  function dispatcherOf(provider: string): Dispatcher {
    const dispatcher = dispatchers.get(provider);
    if (!dispatcher) throw new Error(`${provider} is not set up`);
    return dispatcher;
  }

  function work(step: Promise<void>): Promise<void> {
    working.add(step);
    void step.then(() => working.delete(step));
    return step;
  }

  /**
   * Reads what changes until all are settled, or wait for longer than the caller does. What is recorded is known from the
   * start: a database that is slow now, or away, makes the answer older but not late.
   */
  async function settledRecords(
    opened: readonly Cancellation[],
    keys: readonly OrderKey[],
    deadline: number,
    changes: Changes,
  ): Promise<Cancellation[]> {
    const records = new Map(opened.map((record) => [keyText(record), record]));
    for (;;) {
      const horizon = ending.signal.aborted ? Number.NEGATIVE_INFINITY : deadline;
      const open = keys.filter((key) => mayChangeBefore(horizon, records.get(keyText(key))));
      const leftMs = Math.min(deadline, endsAt) - now();
      if (open.length === 0 || leftMs <= 0) return keys.map((key) => recordOf(records, key));
      const changed = await changes.next(Math.min(leftMs, readAgainMs));
      const reading = ledger.read(changed.length > 0 ? changed : open).catch(() => []);
      for (const record of await within(Math.min(deadline, endsAt) - now(), reading)) {
        if (record) records.set(keyText(record), record);
      }
    }
  }
}

/** What this resolves to, or nothing where it takes longer. */
async function within<T>(ms: number, promise: Promise<T[]>): Promise<T[]> {
  const late = new AbortController();
  const nothing = pause(Math.max(0, ms), [], { signal: late.signal }).catch(() => []);
  return Promise.race([promise, nothing]).finally(() => late.abort());
}

function paceOf({ name, setup }: ConnectedProvider, options: CancellationsOptions, signal: AbortSignal): Pace {
  if (setup.minIntervalMs === null) return concurrencyPace({ limit: setup.concurrency, now: options.now, signal });
  const { ledger, exchangeMs, now } = options;
  return slotPace({ ledger, provider: name, intervalMs: setup.minIntervalMs, exchangeMs, now, signal });
}

function mayChangeBefore(deadline: number, record: Cancellation | undefined): boolean {
  return record?.status === "PENDING" && (record.nextAttemptAt === null || record.nextAttemptAt < deadline);
}

function recordOf(records: ReadonlyMap<string, Cancellation>, key: OrderKey): Cancellation {
  const record = records.get(keyText(key));
  if (!record) throw new Error("a recorded cancellation is gone from the ledger");
  return record;
}
