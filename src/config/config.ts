import type { Policy } from "../cancellation/decide/progress.ts";
import type { ProviderSetup, Settings } from "../domain/provider.ts";
import { type Proxies, readProxies } from "../egress/proxies.ts";
import { type ProviderName, providerNames, providers } from "../providers/registry.ts";
import { readWebhookKey } from "../webhook/message.ts";
import type { WebhookSettings } from "../webhook/webhook.ts";
import { type ConsoleSettings, readConsole } from "./console.ts";
import { readSettings } from "./settings.ts";
import { findUnknownSettings, type UnknownSetting } from "./unknown-settings.ts";

/** Everything that an operator can set; docs/settings.md says what each is for. */
export interface Config {
  production: boolean;
  host: string;
  port: number;
  database: DatabaseAddress;
  cancelWaitMs: number;
  maxIdsPerRequest: number;
  /** Most open subscriptions, in all and of one caller. */
  maxSubscriptions: number;
  maxSubscriptionsOfCaller: number;
  /** A subscription ends at this age. */
  subscriptionMaxAgeMs: number;
  providerTimeoutMs: number;
  /** How long a record stays with an instance that has ended without a release, ms. */
  leaseMs: number;
  policy: Policy;
  /** Age from which settled records are deleted, ms; null if they are kept for ever. */
  retentionMs: number | null;
  /** How long requests are still taken after SIGTERM, ms: load balancers learn late that an instance ends. */
  drainDelayMs: number;
  /** Whether built-in simulators stand in for all providers. */
  simulated: boolean;
  /** All of them; those with a `connect` are set up. */
  providers: readonly { name: ProviderName; setup: ProviderSetup; paused: boolean }[];
  access: {
    /** Callers need a bearer token that this issuer signed for this audience; null if callers need no token. */
    tokens: { jwksUrl: URL; issuer: string; audience: string } | null;
    /** Every GraphQL request must carry it; null if none needs to. */
    gatewaySecret: string | null;
    /** The service that decides whether a caller may touch orders; null if the scope alone is enough. */
    checkUrl: URL | null;
  };
  /** The operators' console; null if it is not served. */
  console: ConsoleSettings | null;
  /** For everything that this service calls. */
  proxies: Proxies;
  /** Where settled cancellations are announced; null if nowhere. */
  webhook: WebhookSettings | null;
  logLevel: LogLevel;
  /** Variables that look like settings and are none. */
  unknown: readonly UnknownSetting[];
}

export type DatabaseAddress =
  | { kind: "sqlite"; path: string }
  /** `listenUrl`: a direct connection to the same database, if `url` leads through transaction pooling. */
  | { kind: "postgres"; url: string; listenUrl?: string | undefined };

const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

const day = 24 * 60 * 60 * 1000;

/** The settings cannot be used. The message has one line per mistake. */
export class ConfigError extends Error {}

/** Throws a ConfigError with one line per mistake. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const settings = readSettings(environment);
  const { production } = settings;
  const providerTimeoutMs = settings.integer("PROVIDER_TIMEOUT_MS", 10_000, { min: 100, max: 10 * 60_000 });

  const setups = providerNames.map((name) => ({
    name,
    setup: providers[name].configure(settings),
    paused: settings.flag(`${name}_PAUSED`) ?? false,
  }));
  const sandbox = settings.flag("SANDBOX");
  if (sandbox && production) settings.reject("SANDBOX", "needs to be false or unset in production");

  const access = readAccess(settings);
  const config: Omit<Config, "unknown"> = {
    production,
    host: settings.text("HOST") ?? "127.0.0.1",
    port: settings.integer("PORT", 4001, { min: 0, max: 65_535 }),
    database: readDatabase(settings),
    cancelWaitMs: settings.integer("CANCEL_WAIT_MS", 10_000, { min: 0, max: 10 * 60_000 }),
    maxIdsPerRequest: settings.integer("MAX_IDS_PER_REQUEST", 500, { min: 1, max: 5000 }),
    maxSubscriptions: settings.integer("MAX_SUBSCRIPTIONS", 1000, { min: 0, max: 100_000 }),
    maxSubscriptionsOfCaller: settings.integer("MAX_SUBSCRIPTIONS_PER_CALLER", 100, { min: 0, max: 100_000 }),
    subscriptionMaxAgeMs: settings.integer("SUBSCRIPTION_MAX_AGE_MS", 15 * 60_000, { min: 1000, max: day }),
    providerTimeoutMs,
    leaseMs: readLease(settings, providerTimeoutMs),
    policy: {
      retryDelaysMs: settings.integers("RETRY_DELAYS_MS", [1000, 2000, 4000, 8000, 15_000, 30_000, 60_000], {
        // With less, retries would be a loop that only the provider slows down.
        min: 10,
        max: day,
      }),
      giveUpAfterMs: settings.integer("GIVE_UP_AFTER_MS", 15 * 60_000, { min: 0, max: 30 * day }),
      lookupDelaysMs: settings.integers("LOOKUP_DELAYS_MS", [2000, 10_000, 60_000, 300_000, 300_000], {
        min: 0,
        max: day,
      }),
    },
    drainDelayMs: settings.integer("DRAIN_DELAY_MS", 500, { min: 0, max: 10 * 60_000 }),
    retentionMs: readRetention(settings),
    simulated: !production && (sandbox ?? setups.every(({ setup }) => !setup.connect)),
    providers: setups,
    access,
    console: readConsole(settings, access),
    webhook: readWebhook(settings),
    proxies: readProxies(settings),
    logLevel: settings.oneOf("LOG_LEVEL", logLevels) ?? "info",
  };
  if (settings.mistakes.length > 0) throw new ConfigError(settings.mistakes.join("\n"));
  // Only now is every setting known.
  return { ...config, unknown: findUnknownSettings(Object.keys(environment), settings.known) };
}

/** How much longer than an exchange a lease must be, ms: for the time that a stop gives to exchanges, and the writes after it. */
const leaseMarginMs = 10_000;

/** If a lease ended during an exchange, another instance could send the same order while this one still waits. */
function readLease(settings: Settings, providerTimeoutMs: number): number {
  const least = providerTimeoutMs + leaseMarginMs;
  const leaseMs = settings.integer("LEASE_MS", 30_000, { min: 1, max: 20 * 60_000 });
  if (leaseMs >= least) return leaseMs;
  const needs = `needs ${least} or more, as PROVIDER_TIMEOUT_MS is ${providerTimeoutMs} and ${leaseMarginMs} come on top`;
  settings.reject("LEASE_MS", settings.text("LEASE_MS") ? needs : `${needs}; unset, it is ${leaseMs}`);
  return least;
}

function readRetention(settings: Settings): number | null {
  if (settings.text("RETENTION_DAYS") === undefined) return null;
  return settings.integer("RETENTION_DAYS", 1, { min: 1, max: 36_500 }) * day;
}

function readAccess(settings: Settings): Config["access"] {
  const together = settings.together(["AUTH_JWKS_URL", "AUTH_ISSUER", "AUTH_AUDIENCE"]);
  const jwksUrl = settings.url("AUTH_JWKS_URL");
  const gatewaySecret = settings.text("GATEWAY_SECRET") ?? null;
  // HTTP headers carry other characters only with changes, or not at all.
  if (gatewaySecret && !/^[\x21-\x7e]+$/.test(gatewaySecret)) {
    settings.reject("GATEWAY_SECRET", "needs printable ASCII characters without blanks");
  }
  const open = settings.oneOf("AUTH", ["none"]) === "none";
  if (settings.production && !open && !together && !gatewaySecret) {
    settings.reject(
      "AUTH_JWKS_URL",
      "or GATEWAY_SECRET needs to be set in production; AUTH=none runs it without authentication, on purpose",
    );
  }
  const [, issuer = "", audience = ""] = together ?? [];
  return {
    tokens: jwksUrl ? { jwksUrl, issuer, audience } : null,
    gatewaySecret,
    checkUrl: settings.url("ACCESS_CHECK_URL") ?? null,
  };
}

function readWebhook(settings: Settings): WebhookSettings | null {
  const together = settings.together(["WEBHOOK_URL", "WEBHOOK_SECRET"]);
  const url = settings.url("WEBHOOK_URL");
  const delaysMs = settings.integers(
    "WEBHOOK_DELAYS_MS",
    [5000, 5 * 60_000, 30 * 60_000, 2 * 3_600_000, 5 * 3_600_000, 10 * 3_600_000],
    { min: 10, max: day },
  );
  if (!together || !url) return null;
  const key = readWebhookKey(settings.text("WEBHOOK_SECRET") ?? "");
  if (!key) settings.reject("WEBHOOK_SECRET", "needs whsec_ and the base64 form of 24 to 64 random bytes");
  return key ? { url, key, delaysMs } : null;
}

function readDatabase(settings: Settings): DatabaseAddress {
  const text = settings.text("DATABASE_URL") ?? "file:./data/cancellations.db";
  const listenUrl = settings.text("DATABASE_LISTEN_URL");
  const isPostgres = (url: string) => /^postgres(ql)?:\/\/./.test(url) && URL.canParse(url);
  if (listenUrl !== undefined && !(isPostgres(listenUrl) && isPostgres(text))) {
    settings.reject(
      "DATABASE_LISTEN_URL",
      "needs postgres://USER:PASSWORD@HOST/DATABASE, and a DATABASE_URL of the same kind",
    );
  }
  if (isPostgres(text)) return { kind: "postgres", url: text, listenUrl };
  if (text === ":memory:") return { kind: "sqlite", path: text };
  const path = /^file:(?:\/\/)?([^?#]+)$/.exec(text)?.[1];
  if (path !== undefined) return { kind: "sqlite", path };
  settings.reject("DATABASE_URL", "needs file:PATH, :memory: or postgres://USER:PASSWORD@HOST/DATABASE");
  return { kind: "sqlite", path: ":memory:" };
}
