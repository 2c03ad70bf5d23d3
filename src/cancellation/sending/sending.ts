import type { Cancellation } from "../../domain/cancellation.ts";
import type { Clock } from "../../domain/clock.ts";
import type { Emit } from "../../domain/events.ts";
import type { Ledger } from "../../domain/ledger.ts";
import type { ProviderClient, ProviderSetup } from "../../domain/provider.ts";
import type { RequestTraces } from "../../telemetry/tracing.ts";
import type { Alarm } from "../../util/alarm.ts";
import { within } from "../../util/within.ts";
import type { Policy } from "../decide/progress.ts";
import { type Asker, createAsker } from "./asker.ts";
import { createBreaker } from "./breaker.ts";
import { type Consumer, createConsumer } from "./consumer.ts";
import { createDatabaseHealth } from "./database-health.ts";
import type { Limiter } from "./limiter.ts";
import { createLimits, type Limits } from "./limits.ts";
import { startScheduler } from "./scheduler.ts";
import { createSender } from "./sender.ts";
import { createWriter } from "./writer.ts";

export interface ConnectedProvider {
  name: string;
  setup: ProviderSetup;
  client: ProviderClient;
  /** Whether nothing may be sent to it now: records are kept PENDING. */
  paused(): boolean;
}

/** All that sends the orders of the ledger to their providers, and writes what becomes of them. */
export interface Sending {
  /** Those that cancel, by provider. */
  readonly consumers: ReadonlyMap<string, Consumer>;
  /** By provider. */
  readonly askers: ReadonlyMap<string, Asker>;
  /** The limiter for look-ups that no cancel depends on. Throws if the provider is not set up. */
  readersLimiter(provider: string): Limiter;
  /** Whether a step of this record is under way here. */
  holds(record: Pick<Cancellation, "id">): boolean;
  /** Claims nothing more, waits up to `graceMs` for requests under way, and releases all other records. */
  stop(graceMs: number): Promise<void>;
}

export interface SendingOptions {
  ledger: Ledger;
  providers: readonly ConnectedProvider[];
  policy: Policy;
  /** How long a claim lasts unless it is renewed, ms; the same as the ledger's. */
  leaseMs: number;
  /** Longest an exchange with a provider takes, ms. */
  exchangeMs: number;
  alarm: Alarm;
  traces: Pick<RequestTraces, "of">;
  clock: Pick<Clock, "elapsed">;
  /** In [0, 1). */
  random(): number;
  emit: Emit;
}

/** Longest that a stop waits for the last writes and releases, ms. If they fail, the leases run out. */
const lastWordMs = 1000;

/** The scheduler looks for what other instances left behind this often, ms; more often while the database is away. */
const pollEveryMs = 5000;
const retryEveryMs = 1000;

/** Each part is made from those above it, and uses no others. */
export function startSending(options: SendingOptions): Sending {
  const { ledger, leaseMs, alarm, emit } = options;
  const { elapsed } = options.clock;
  /** After `ending`, nothing more is sent. After `closing`, no answer is written any more. */
  const ending = new AbortController();
  const closing = new AbortController();
  const { signal } = ending;
  const renewEveryMs = leaseMs / 3;
  const health = createDatabaseHealth({ alarm, renewEveryMs, retryEveryMs, elapsed, emit });
  const writer = createWriter({ ledger, alarm, health, signal: closing.signal, emit });
  const askers = new Map<string, Asker>();
  const limits = new Map(
    options.providers.map(({ name, setup }) => [
      name,
      createLimits({ ...options, provider: name, setup, elapsed, signal }),
    ]),
  );
  /** Two of a provider whose look-ups have a limit of their own: the first of them cancels. */
  const consumers = options.providers.flatMap(({ name: provider, setup, client, paused }) => {
    const { maxBatchSize } = setup;
    const breaker = createBreaker(provider, elapsed, emit);
    const common = { ...options, provider, maxBatchSize, paused, breaker, elapsed, signal };
    const sender = createSender({ ...common, client, writer });
    const { cancels, lookups } = limitsOf(provider);
    askers.set(provider, createAsker({ ...common, client, limiter: lookups ?? cancels }));
    const consumer = { ...common, sender, health, giveUpAfterMs: options.policy.giveUpAfterMs };
    if (!lookups) return [createConsumer({ ...consumer, limiter: cancels })];
    return [
      createConsumer({ ...consumer, limiter: cancels, nextAction: "cancel" }),
      createConsumer({ ...consumer, limiter: lookups, nextAction: "lookup" }),
    ];
  });
  const often = { renewEveryMs, pollEveryMs, retryEveryMs };
  const scheduler = startScheduler({ ledger, consumers, alarm, health, ...often, signal });

  return {
    askers,
    consumers: new Map(consumers.toReversed().map((consumer) => [consumer.provider, consumer])),
    readersLimiter: (provider) => limitsOf(provider).readers,
    holds: ({ id }) => consumers.some(({ held }) => held.values().some((claim) => claim.id === id)),
    stop: async (graceMs) => {
      ending.abort();
      await within(
        graceMs,
        Promise.all([scheduler.ended, ...[...consumers, ...askers.values()].map(({ idle }) => idle())]),
        undefined,
      );
      closing.abort();
      await within(lastWordMs, writeAndRelease(), undefined);
      scheduler[Symbol.dispose]();
    },
  };

  function limitsOf(provider: string): Limits {
    const found = limits.get(provider);
    if (!found) throw new Error(`${provider} is not set up`);
    return found;
  }

  /** Steps that wait to be written get one more try. All other claims are released. */
  async function writeAndRelease(): Promise<void> {
    await writer.idle();
    await ledger.release(consumers.flatMap(({ held }) => [...held])).catch(() => {});
  }
}
