import { setTimeout as pause } from "node:timers/promises";
import { readCatalogue } from "./api/catalogue.ts";
import { buildSubgraph } from "./api/schema.ts";
import { createCancellability } from "./cancellability/cancellability.ts";
import { createLane } from "./cancellability/lane.ts";
import { startCancellations } from "./cancellation/cancellations.ts";
import { watchOrders } from "./cancellation/order-watch.ts";
import { startPauses } from "./cancellation/pauses.ts";
import { startRetention } from "./cancellation/retention.ts";
import type { Config } from "./config/config.ts";
import { configure, describeStart } from "./config/configure.ts";
import { readLanding } from "./config/landing.ts";
import { connectProviders, outgoingSockets } from "./connected-providers.ts";
import { systemClock } from "./domain/clock.ts";
import type { Emit } from "./domain/events.ts";
import type { Ledger } from "./domain/ledger.ts";
import { type Egress, reportConnectionsTo } from "./egress/connector.ts";
import { openAuthenticator } from "./http/auth/authenticator.ts";
import { openDiscovery } from "./http/pages/discovery.ts";
import { createServer } from "./http/server.ts";
import { openLedger } from "./ledger/open.ts";
import { databaseCalls, timeCalls } from "./ledger/timed-ledger.ts";
import { createLog } from "./telemetry/log.ts";
import { type LogDestination, standardOutput } from "./telemetry/log-output.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import type { LedgerNumbers } from "./telemetry/metrics-table.ts";
import { createAlarm } from "./util/alarm.ts";
import { startWebhook } from "./webhook/webhook.ts";

/** A running subgraph. */
export interface App {
  url: string;
  /** Whether the built-in simulators stand in for the providers. */
  simulated: boolean;
  /** What DRAIN_DELAY_MS says. */
  drainDelayMs: number;
  /** Logs an error that no part of the service has caught, with its place in the code. */
  reportUncaught(error: unknown): void;
  /**
   * Answers 503 at `/readyz` and still accepts requests for `drainDelayMs`. Then it finishes or releases all work and closes
   * everything. It takes about `drainDelayMs` plus `stopGraceMs` at the most.
   */
  stop(drainDelayMs?: number): Promise<void>;
}

/** How long requests to providers may go on after a stop, ms. With all that comes before and after, a stop takes less than 10 s. */
const stopGraceMs = 6000;

/** The part of CANCEL_WAIT_MS for which a mutation waits. The rest is for reading and answering. */
const waitShare = 0.95;

/** How often the orders of subscriptions are read without a notification, which may get lost, ms. */
const readAgainMs = 10_000;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Wires everything by hand and starts to listen. If that fails, it closes what it opened, and rejects. Log lines go to `logTo`,
 * which is standard output unless given.
 */
export async function startApp(environment: Environment, logTo: LogDestination = standardOutput()): Promise<App> {
  await using opening = new AsyncDisposableStack();
  const { config, simulators } = await configure(environment);
  if (simulators) opening.defer(simulators.close);

  const opened = await openLedger(config.database, systemClock, {
    leaseMs: config.leaseMs,
    announceSettled: config.webhook !== null,
  });
  opening.defer(opened.close);
  await bindEnvironments(opened, config.providers, simulators !== undefined);

  const setUp = config.providers.filter(({ setup }) => setup.connect).map(({ name }) => name);
  const metrics = createMetrics(setUp, databaseCalls);
  const listeners = [createLog(config.logLevel, logTo), metrics.count];
  const emit: Emit = (event) => {
    for (const listener of listeners) listener(event);
  };
  const ledger = timeCalls(opened, emit, systemClock.elapsed);

  opened.onHearing((hears) => emit({ event: hears ? "notifications-heard" : "notifications-unheard" }));
  emit(describeStart(config));
  if (config.unknown.length > 0) emit({ event: "unknown-settings", unknown: config.unknown });
  const egress: Egress = { proxies: config.proxies, onError: reportConnectionsTo(emit) };
  const alarm = createAlarm(systemClock.elapsed);
  const bySetting = new Set(config.providers.filter(({ paused }) => paused).map(({ name }) => name));
  const pauses = opening.use(await startPauses({ ledger, bySetting, alarm, emit }));
  const connected = connectProviders(config, egress, pauses, opening);
  if (connected.length === 0) emit({ event: "no-provider-set-up" });
  const orderWatch = opening.use(watchOrders({ ledger, readAgainMs, emit }));
  const cancellations = startCancellations({
    ledger,
    orderWatch,
    providers: connected,
    policy: config.policy,
    waitMs: config.cancelWaitMs * waitShare,
    leaseMs: config.leaseMs,
    exchangeMs: config.providerTimeoutMs,
    alarm,
    clock: systemClock,
    random: Math.random,
    emit,
  });
  const cancellability = createCancellability({
    providers: connected.map(({ name, setup, client, paused, readersHttp }) => {
      const limiter = cancellations.readersLimiter(name);
      const lane = createLane({ provider: name, setup, http: readersHttp, limiter, paused, ...systemClock, emit });
      return { provider: name, lane, invalidId: client.invalidId };
    }),
    ledger,
    clock: systemClock,
    emit,
  });
  // Called only once: a second call would give the same exchanges as much time again.
  let finished: Promise<void> | undefined;
  const finish = () => (finished ??= cancellations.stop(stopGraceMs));
  opening.defer(finish);

  if (config.retentionMs !== null) {
    opening.use(startRetention({ ledger, maxAgeMs: config.retentionMs, elapsed: systemClock.elapsed, emit }));
  }

  const webhook = opening.use(config.webhook && startWebhook(config.webhook, { ledger, egress, emit }));

  const { access, production } = config;
  const authenticator = opening.use(openAuthenticator({ ...access, production, egress, clock: systemClock, emit }));
  const signIn = config.console?.signIn ?? null;
  const discovery = opening.use(signIn && openDiscovery({ issuer: signIn.issuer, egress, clock: systemClock, emit }));
  const { schema } = await buildSubgraph();
  const serving = await createServer({
    schema,
    service: {
      cancellations,
      cancellability,
      ledger,
      pauses,
      catalogue: () => readCatalogue(config.providers, cancellations, pauses),
      maxIdsPerRequest: config.maxIdsPerRequest,
      orderWatch,
    },
    authenticator,
    production,
    landing: await readLanding(config),
    console: config.console && { ...config.console, endpoints: discovery?.endpoints },
    ping: ledger.check,
    scrape: (openSubscriptions) =>
      metrics.scrape(() => readNumbers(opened, setUp), {
        paused: (provider) => pauses.of(provider) !== undefined,
        openSubscriptions,
        droppedLogLines: logTo.dropped?.() ?? 0,
      }),
    maxSubscriptions: config.maxSubscriptions,
    maxSubscriptionsOfCaller: config.maxSubscriptionsOfCaller,
    subscriptionMaxAgeMs: config.subscriptionMaxAgeMs,
    outgoingSockets: outgoingSockets(connected.map(({ setup }) => setup)),
    emit,
  });
  opening.use(serving);
  const url = await serving.listen(config);

  const running = opening.move();
  return {
    url: `${url}/graphql`,
    simulated: simulators !== undefined,
    drainDelayMs: config.drainDelayMs,
    reportUncaught: (error) => emit({ event: "uncaught-error", error }),
    stop: async (drainDelayMs = 0) => {
      serving.drain();
      await pause(drainDelayMs);
      // GraphQL requests that wait for an outcome end together with the exchanges.
      await Promise.all([finish(), serving[Symbol.asyncDispose](), webhook?.[Symbol.asyncDispose]()]);
      await running.disposeAsync();
    },
  };
}

async function readNumbers(ledger: Ledger, providers: readonly string[]): Promise<LedgerNumbers> {
  await ledger.check();
  const numbers = [ledger.backlog(), ledger.unconfirmed(providers), ledger.undelivered()] as const;
  const [backlog, unconfirmed, undelivered] = await Promise.all(numbers);
  return { backlog, unconfirmed, undelivered };
}

/** Records of one environment are not true of another: simulators, test hosts and real providers must not share a ledger. */
async function bindEnvironments(ledger: Ledger, providers: Config["providers"], simulated: boolean): Promise<void> {
  const environments = providers
    .filter(({ setup }) => setup.connect)
    .map(({ name, setup }) => ({ provider: name, host: simulated ? "simulator" : setup.baseUrl.host }));
  await ledger.bindEnvironments(environments).catch((error) => {
    throw new Error(`DATABASE_URL: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  });
}
