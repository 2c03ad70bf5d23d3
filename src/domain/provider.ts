import type { ExchangeFailure, LookupResult, Outcome } from "./outcome.ts";

/** A third party that can cancel orders: what it allows, and how to reach it. One constant per provider file. */
export interface Provider {
  /** One sentence for the GraphQL enum value. */
  description: string;
  /** The vendor's page that specifies the cancel call. */
  documentationUrl: string;
  /** Which orders it cancels, in the provider's terms. */
  cancellableWhen: string;
  /** Seconds after creation before which it refuses; null if it has no such rule. */
  cancellableAfterSeconds: number | null;
  /** Seconds after creation at which it cancels by itself; null if it does not. */
  autoCancelledAfterSeconds: number | null;
  /** Whether its client has a `lookup`. */
  statusLookup: boolean;
  /** Reads this provider's settings. Mistakes are reported to `settings`. */
  configure(settings: Settings): ProviderSetup;
}

/** A provider as the operator set it up, or as it would be. */
export interface ProviderSetup {
  baseUrl: URL;
  /** Hosts that the vendor itself calls a test environment. */
  testHosts: readonly string[];
  /** Most orders one request can carry; 1 if the provider has no batch form. */
  maxBatchSize: number;
  /** Least time between the answer to one request and the next request, ms; null if the provider states none. */
  minIntervalMs: number | null;
  /** Whether look-ups have a limit of their own, with the same interval. False unless given. */
  ownLookupLimit?: boolean;
  /** Most requests in flight at once; 1 if `minIntervalMs` is set. */
  concurrency: number;
  /** Everything that must never leave the process except towards the provider. */
  secrets: readonly string[];
  /** Undefined if the provider is not set up. */
  connect?: ((http: HttpClient) => ProviderClient) | undefined;
}

/** Speaks one provider's protocol. It never throws: it returns everything that can happen as an outcome. */
export interface ProviderClient {
  /** Why this text cannot be an order id of this provider; undefined if it can. Called before anything is sent. */
  invalidId?(orderId: string): string | undefined;
  /**
   * Cancels one order. If `maxBatchSize` is above 1, the orders of all calls in one turn of the event loop leave in one request,
   * in requests of `maxBatchSize` orders.
   */
  cancel(orderId: string): Promise<Outcome>;
  /** Asks how one order stands; many in one request as `cancel` does. */
  lookup?(orderId: string): Promise<LookupResult>;
}

/** What a client may use of the world: one bounded HTTP exchange, and the clock. */
export interface HttpClient {
  /** The signal ends it early. */
  exchange(request: HttpRequest, signal?: AbortSignal): Promise<Exchange>;
  /** Epoch ms. */
  now(): number;
}

export interface HttpRequest {
  method: "GET" | "POST" | "DELETE";
  /** Absolute path with query, already encoded; a path prefix of the base URL is put before it. */
  path: string;
  headers: Readonly<Record<string, string>>;
  /** The very bytes to send. */
  body?: string | undefined;
}

/** How one HTTP exchange ended. */
export type Exchange = {
  /** How far our clock is ahead of the provider's, ms; absent unless the provider refused a time that we had signed. */
  clockOffMs?: number;
} & (
  | {
      kind: "answered";
      status: number;
      /** When the provider answered, epoch ms: by its own clock if the answer tells a date that can be true, else by ours. */
      answeredAt: number;
      retryAfterMs?: number | undefined;
      text: string;
      /** Cuts out of a part of the text what must not be kept or shown: keys, signatures, and what carries them. */
      redact(words: string): string;
    }
  /** Not a byte of the request was written. */
  | { kind: "notSent"; failure?: ExchangeFailure | undefined }
  /** The request, or a part of it, was written, and no complete answer came back. */
  | { kind: "lost"; failure?: ExchangeFailure | undefined }
);

/**
 * Reads settings from the environment and collects every mistake, so that an operator sees them all at once. Each mistake is
 * one line: it names the setting, says what it needs, and quotes what it got. Secrets are never quoted.
 */
export interface Settings {
  /** Whether NODE_ENV is `production`. */
  readonly production: boolean;
  /** One line per mistake found so far. */
  readonly mistakes: readonly string[];
  /** The name of every setting that was asked for so far, and of its file. */
  readonly known: ReadonlySet<string>;
  /** The text without surrounding blanks, in one line; undefined if unset or empty. A secret may come from its file. */
  text(name: string): string | undefined;
  /** A key, or what belongs to it: characters that every HTTP header can carry, and not `without`. Never quoted. */
  secret(name: string, without?: string): string | undefined;
  flag(name: string): boolean | undefined;
  oneOf<T extends string>(name: string, choices: readonly T[]): T | undefined;
  integer(name: string, otherwise: number, bounds: { min: number; max: number }): number;
  /** Comma-separated whole numbers, at least one. */
  integers(name: string, otherwise: readonly number[], bounds: { min: number; max: number }): readonly number[];
  /** An http(s) URL without credentials, query or fragment; https only in production. */
  url(name: string): URL | undefined;
  url(name: string, otherwise: string): URL;
  /** These settings together: all of them, or undefined if none is given. Some but not all of them is a mistake. */
  together(names: readonly string[]): string[] | undefined;
  /** Adds a mistake. Of each setting, together with its file, only the first mistake is kept. */
  reject(name: string, needs: string): void;
}
