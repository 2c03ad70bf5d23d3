import type { Clock } from "../../domain/clock.ts";
import type { Emit } from "../../domain/events.ts";
import type { Ledger } from "../../domain/ledger.ts";
import type { ProviderClient, ProviderSetup } from "../../domain/provider.ts";
import type { Policy } from "../decide.ts";
import type { RequestTraces } from "../request-traces.ts";
import { type CircuitBreaker, createBreaker } from "./breaker.ts";
import { createPuller, type Puller } from "./consumer.ts";
import { concurrencyLimiter, type Limiter, slotLimiter } from "./limiter.ts";
import type { Poller } from "./scheduler.ts";
import { createDispatcher, type Dispatcher } from "./sender.ts";
import type { Writer } from "./writer.ts";

export interface ConnectedProvider {
  name: string;
  setup: ProviderSetup;
  client: ProviderClient;
  /** Whether nothing may be sent to it now: records are kept PENDING. */
  paused(): boolean;
}

/** Everything that works on one provider's orders. */
export interface Worker {
  paused(): boolean;
  maxBatchSize: number;
  breaker: CircuitBreaker;
  dispatcher: Dispatcher;
  puller: Puller;
}

export interface WorkerOptions {
  ledger: Ledger;
  policy: Policy;
  /** Longest an exchange with a provider takes, ms. */
  exchangeMs: number;
  clock: Pick<Clock, "elapsed">;
  /** In [0, 1). */
  random(): number;
  emit: Emit;
  writer: Writer;
  traces: RequestTraces;
  /** Called later only: the poller is started with the workers. */
  poller(): Poller;
  /** Aborted when nothing more may be sent. */
  signal: AbortSignal;
}

export function createWorker({ name, setup, client, paused }: ConnectedProvider, options: WorkerOptions): Worker {
  const { ledger, writer, traces, poller, signal, policy, random, emit } = options;
  const { elapsed } = options.clock;
  const { maxBatchSize } = setup;
  const breaker = createBreaker(name, elapsed, emit);
  const dispatcher = createDispatcher({
    provider: name,
    client,
    maxBatchSize,
    ledger,
    writer,
    breaker,
    traces,
    policy,
    elapsed,
    random,
    onDue: (delayMs) => poller().wake(delayMs),
    paused,
    signal,
    emit,
  });
  const puller = createPuller({
    limiter: limiterOf(name, setup, options),
    breaker,
    maxBatchSize,
    claim: (wanted) => poller().claim(name, wanted),
    dispatcher,
    giveUpAfterMs: policy.giveUpAfterMs,
    onDone: () => poller().look(),
    onRest: (restMs) => poller().wake(restMs),
    onFailure: (error) => poller().failed(error),
    signal,
  });
  return { paused, maxBatchSize, breaker, dispatcher, puller };
}

function limiterOf(provider: string, setup: ProviderSetup, options: WorkerOptions): Limiter {
  const { ledger, exchangeMs, signal } = options;
  const { elapsed } = options.clock;
  if (setup.minIntervalMs === null) return concurrencyLimiter({ limit: setup.concurrency, elapsed, signal });
  return slotLimiter({ ledger, provider, intervalMs: setup.minIntervalMs, exchangeMs, elapsed, signal });
}
