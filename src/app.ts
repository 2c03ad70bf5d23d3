import { setTimeout as pause } from "node:timers/promises";
import { type Cancellations, startCancellations } from "./cancellation/cancellations.ts";
import { type Config, readConfig } from "./config.ts";
import { systemClock } from "./domain/clock.ts";
import type { Ledger } from "./domain/ledger.ts";
import type { ProviderSetup } from "./domain/provider.ts";
import { readSettings } from "./domain/settings.ts";
import { buildSubgraph } from "./graphql/schema.ts";
import type { CancellationProvider } from "./graphql/types.ts";
import { openLedger } from "./ledger/open.ts";
import { providers } from "./providers/registry.ts";
import { openWire } from "./providers/wire.ts";
import { authenticatorSockets, openAuthenticator } from "./server/auth/authenticator.ts";
import { createLog } from "./server/log.ts";
import { type LogDestination, standardOutput } from "./server/log-output.ts";
import { createMetrics } from "./server/metrics.ts";
import { createServer } from "./server/server.ts";
import { firstLook, type Simulators, startSimulators } from "./simulators/simulators.ts";

/** A running subgraph. */
export interface App {
  url: string;
  /** Whether the built-in simulators play the providers. */
  simulated: boolean;
  /**
   * Says no at `/readyz`, still takes what is on its way for `quietMs`, finishes or hands back what is in flight and closes
   * everything, in about `quietMs` and `stopGraceMs` at the most.
   */
  stop(quietMs?: number): Promise<void>;
}

/** How long exchanges on the wire may go on after a stop, ms: with what comes before and after it, within 10 s. */
const stopGraceMs = 6000;

/** Most sockets to PostgreSQL: those of the pool, one that listens, one to spare. SQLite's files are fewer. */
const databaseSockets = 12;

/** The part of CANCEL_WAIT_MS that is spent on waiting; the rest is for reading and answering. */
const waitShare = 0.95;

/** A document for the landing page; its variables work on the simulators' seeded orders. */
const document = `mutation CancelOrders($provider: OrderProvider!, $ids: [ID!]!) {
  cancelOrders(provider: $provider, ids: $ids) {
    orders {
      provider
      id
      cancellation {
        status
        problem { code message }
        attempts
      }
    }
  }
}`;

/**
 * Wires everything by hand and starts to listen. Rejects, with nothing left open, where that cannot be. Log lines go to
 * standard output unless told otherwise.
 */
export async function startApp(
  environment: Readonly<Record<string, string | undefined>>,
  logTo: LogDestination = standardOutput(),
): Promise<App> {
  const opened: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const each of opened.splice(0).reverse()) await each();
  };
  try {
    const { config, simulators } = await configure(environment);
    if (simulators) opened.push(simulators.close);
    const ledger = await openLedger(config.database, systemClock, { leaseMs: config.leaseMs });
    opened.push(ledger.close);
    await bindEnvironments(ledger, config.providers, simulators !== undefined);
    const metrics = createMetrics({
      log: createLog(config.logLevel, logTo),
      droppedLogLines: () => logTo.dropped?.() ?? 0,
      backlog: ledger.backlog,
      circuits: () =>
        config.providers.flatMap(({ name }) => {
          const circuit = cancellations.circuit(name);
          return circuit ? [{ provider: name, circuit }] : [];
        }),
    });
    const { log } = metrics;
    if (!config.providers.some(({ setup }) => setup.connect)) log.warn({ event: "no-provider-set-up" });
    const connected = config.providers.flatMap(({ name, setup, paused }) => {
      if (!setup.connect) return [];
      const wire = openWire({
        baseUrl: setup.baseUrl,
        connections: setup.concurrency,
        timeoutMs: config.providerTimeoutMs,
        secrets: setup.secrets,
        now: Date.now,
      });
      opened.push(wire.close);
      return [{ name, setup, paused, client: setup.connect(wire) }];
    });
    const cancellations = startCancellations({
      ledger,
      providers: connected,
      policy: config.policy,
      waitMs: config.cancelWaitMs * waitShare,
      leaseMs: config.leaseMs,
      exchangeMs: config.providerTimeoutMs,
      clock: systemClock,
      random: Math.random,
      log,
    });
    let finished: Promise<void> | undefined;
    // Once: a second time would grant the same exchanges as much time again.
    const finish = () => (finished ??= cancellations.stop(stopGraceMs));
    opened.push(finish);
    const authenticator = openAuthenticator({
      ...config.access,
      production: config.production,
      clock: systemClock,
      log,
    });
    opened.push(authenticator.close);
    const { schema } = await buildSubgraph();
    const { cancellable, tooLate, unknown } = firstLook.TRONSAVE;
    const server = await createServer({
      schema,
      service: {
        cancellations,
        catalogue: () => catalogue(config, cancellations),
        maxIdsPerRequest: config.maxIdsPerRequest,
      },
      authenticator,
      production: config.production,
      firstLook: { document, variables: { provider: "TRONSAVE", ids: [cancellable, tooLate, unknown] } },
      ping: ledger.check,
      metrics,
      outgoingSockets: outgoingSockets(connected.map(({ setup }) => setup)),
      log,
    });
    opened.push(server.close);
    const url = await server.listen(config);
    return {
      url: `${url}/graphql`,
      simulated: simulators !== undefined,
      stop: async (quietMs = 0) => {
        server.drain();
        await pause(quietMs);
        // Requests that wait for an outcome end as soon as the exchanges do.
        await Promise.all([finish(), server.close()]);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Without credentials, or on request, the simulators bring settings of their own. */
async function configure(environment: Readonly<Record<string, string | undefined>>) {
  const config = readConfig(environment);
  if (!config.simulated) return { config, simulators: undefined };
  const minIntervalMs = readSettings(environment).integer("TRONSAVE_MIN_INTERVAL_MS", 2000, { min: 0, max: 600_000 });
  const simulators: Simulators = await startSimulators({ minIntervalMs });
  return { config: readConfig({ ...environment, ...simulators.settings }), simulators };
}

/** Records of one environment are not true of another: simulators, test hosts and real providers keep apart. */
async function bindEnvironments(ledger: Ledger, providers: Config["providers"], simulated: boolean): Promise<void> {
  const environments = providers
    .filter(({ setup }) => setup.connect)
    .map(({ name, setup }) => ({ provider: name, host: simulated ? "simulator" : setup.baseUrl.host }));
  await ledger.bindEnvironments(environments).catch((error) => {
    throw new Error(`DATABASE_URL: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  });
}

/** A test address may be a simulator in this very process, which holds the other end of each socket. */
function outgoingSockets(setups: readonly ProviderSetup[]): number {
  const ends = setups.map((setup) => setup.concurrency * (isTestAddress(setup) ? 2 : 1));
  return ends.reduce((sum, each) => sum + each, databaseSockets + authenticatorSockets);
}

function catalogue(config: Config, cancellations: Cancellations): CancellationProvider[] {
  return config.providers.map(({ name, setup, paused }) => {
    const { cancellableWhen, cancellableAfterSeconds, autoCancelledAfterSeconds, documentationUrl, statusLookup } =
      providers[name];
    return {
      provider: name,
      configured: setup.connect !== undefined,
      sandbox: isTestAddress(setup),
      paused,
      circuit: cancellations.circuit(name) ?? null,
      maxBatchSize: setup.maxBatchSize,
      minIntervalMs: setup.minIntervalMs,
      ...{ cancellableWhen, cancellableAfterSeconds, autoCancelledAfterSeconds, documentationUrl, statusLookup },
    };
  });
}

/** A host that the vendor calls a test environment, or this machine: no vendor lives here. */
function isTestAddress({ baseUrl, testHosts }: ProviderSetup): boolean {
  return testHosts.includes(baseUrl.hostname) || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(baseUrl.hostname);
}
