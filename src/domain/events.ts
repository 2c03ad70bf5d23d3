import type { ExchangeFailure, ProblemCode } from "./outcome.ts";

/**
 * Something that happened. Two listeners read it: the log and the metrics. This type is their allow-list: what has no field here
 * is never logged. So no key, no signature and no whole sms4sats id is logged (such an id is all that a cancel needs). Of an error
 * only its class, codes and place in our code are logged, because messages may quote anything.
 */
export type ServiceEvent =
  /** Starting and stopping. */
  | StartingEvent
  | { event: "unknown-settings"; unknown: readonly { name: string; nearest: string }[] }
  | { event: "listening"; url: string }
  | { event: "no-provider-set-up" }
  | { event: "few-open-files"; connections: number }
  /** One connection was refused. `connections-refused` reports many together, at most once a minute. */
  | { event: "connection-refused" }
  | { event: "connections-refused"; connections: number }
  | { event: "log-lines-dropped"; lines: number }
  | { event: "ready" }
  /** Whether this instance hears what other instances write. */
  | { event: "notifications-unheard" | "notifications-heard" }
  | { event: "not-ready"; error: unknown }
  /** An error that no part of the service has caught: it stops. */
  | { event: "uncaught-error"; error: unknown }
  /** Where the answer to a reader's question came from, whether an order can still be cancelled. It is only counted. */
  | { event: "cancellability"; provider: string; source: CancellabilitySource }
  /** GraphQL. */
  | GraphqlRequestEvent
  | { event: "graphql-error"; requestId?: string | undefined; error: unknown }
  | { event: "http-error"; requestId: string; error: unknown }
  | { event: "apollo-warning" | "apollo-error" }
  | { event: "token-not-checked"; error: unknown }
  /** The issuer did not tell where people sign in. */
  | { event: "sign-in-undiscovered"; error: unknown }
  /** `status`: of the answer, if one came. */
  | { event: "access-check-unanswered"; provider: string; status?: number | undefined; error: unknown }
  /** No connection to `host`, with its port: a provider, the issuer or another. The error's code tells why. */
  | { event: "connection-failed"; host: string; error: unknown }
  /** A proxy did not open the way to `host`. `status` is the proxy's own. */
  | { event: "proxy-failed"; host: string; problem: string; status?: number | undefined; error: unknown }
  /** Subscriptions. `orders`: how many have to be read. */
  | { event: "watch-failed"; orders: number; error: unknown }
  | SubscriptionEndedEvent
  /** The webhook. `status`: of the receiver's answer, if one came. */
  | WebhookEvent
  | { event: "webhook-claim-failed" | "webhook-write-failed"; error: unknown }
  /** Requests to providers. */
  | ExchangeEvent
  | BatchRefusedEvent
  /** The provider refused our key or signature: an operator must act. */
  | { event: "key-refused"; provider: string; operation: ExchangeEvent["event"]; httpStatus: number | null }
  /** The provider refused the time that we had signed: `offMs` is how far our clock is ahead of its. */
  | { event: "clock-refused"; provider: string; operation: ExchangeEvent["event"]; offMs: number }
  /** An order cannot be sent: its id is none of this provider's. */
  | { event: "refused-here"; provider: string; code: ProblemCode }
  | { event: "provider-paused" | "provider-started"; provider: string }
  | { event: "pauses-unread"; error: unknown }
  | { event: "circuit"; provider: string; circuit: "CLOSED" | "OPEN" | "HALF_OPEN" }
  | { event: "client-failed" | "release-failed" | "not-marked"; provider: string; error: unknown }
  /** The ledger. `outcomes`: how many ended with which status. */
  | { event: "settled"; provider: string; orders: number; outcomes: Readonly<Record<string, number>> }
  /** Look-ups that a person asked for failed, or could not be recorded. */
  | { event: "recheck-failed"; error: unknown }
  /** A person has found out how an UNCONFIRMED order stands. */
  | { event: "resolved"; provider: string; outcomes: Readonly<Record<string, number>>; requestId?: string | undefined }
  /** Old records were deleted. `batch-deleted` is only counted. */
  | { event: "deleted" | "batch-deleted"; records: number }
  | { event: "delete-failed"; error: unknown }
  | { event: "taken-over"; provider: string; orders: number }
  | { event: "step-abandoned"; provider: string; orders: number; error: unknown }
  /** `waiting`: how many writes wait for the database. */
  | { event: "write-failed"; waiting: number; error: unknown }
  /** One call to the database, whether it worked or not. Only counted. */
  | { event: "database-call"; operation: string; durationMs: number }
  /** Calls to the database took long: the longest one, and how many there were. */
  | { event: "database-slow"; operation: string; durationMs: number; calls: number }
  | { event: "claim-failed" | "renew-failed"; error: unknown };

export const cancellabilitySources = ["record", "cache", "provider", "none"] as const;

/** `record`: our own. `cache`: what the provider said lately. `provider`: it was asked. `none`: no answer came in time. */
export type CancellabilitySource = (typeof cancellabilitySources)[number];

export type Emit = (event: ServiceEvent) => void;

/** The providers by how this instance serves them. */
export interface StartingEvent {
  event: "starting";
  setUp: readonly string[];
  /** Those that are set up, and by their setting send nothing. */
  paused: readonly string[];
  /** Those that a built-in simulator plays. */
  simulated: readonly string[];
  /** Those that are set up with a host that the vendor calls a test environment, or that is this machine. */
  testEnvironment: readonly string[];
  /** Those that are reached through a proxy. */
  proxied: readonly string[];
}

export interface GraphqlRequestEvent {
  event: "graphql-request";
  requestId: string;
  /** Trace id of a W3C traceparent. */
  traceId?: string | undefined;
  /** Name of the frontend, as the gateway passed it on: one line, at most 100 characters. */
  client?: string | undefined;
  /** Type and name of the operation; never its text or variables. */
  operation?: string | undefined;
  /** HTTP status of the answer; absent if the caller did not wait for it. */
  status?: number | undefined;
  durationMs: number;
  /** The distinct `extensions.code`s of the answer. */
  codes: readonly string[];
}

/** A try to deliver an announcement. `webhook-failed`: it is tried again. `webhook-abandoned`: it is not. */
export interface WebhookEvent {
  event: "webhook-delivered" | "webhook-failed" | "webhook-abandoned";
  provider: string;
  status?: number | undefined;
  durationMs: number;
  error?: unknown;
}

/** A subscription that was accepted. A `graphql-request` told of its start. */
export interface SubscriptionEndedEvent {
  event: "subscription-ended";
  requestId: string;
  durationMs: number;
  /** How many states were sent. */
  states: number;
  /**
   * `settled`: all orders are. `age`: as old as a subscription may become. `token`: the caller's token has expired. `client`: it
   * has left, or did not read. `error`: the client got one. `shutdown`: the service stops.
   */
  reason: "settled" | "age" | "token" | "client" | "error" | "shutdown";
}

/** How a request to a provider ended. `read`: a look-up for readers, which no cancel depends on. */
export interface ExchangeEvent {
  event: "cancel" | "lookup" | "read";
  provider: string;
  /** How many orders it was about. */
  orders: number;
  /** How long it waited for the provider's limit, ms. */
  waitMs: number;
  durationMs: number;
  /** How many orders ended with each kind of outcome. */
  outcomes: Readonly<Record<string, number>>;
  /** How many orders met which problem. */
  problems: Readonly<Record<string, number>>;
  /** HTTP status of the last answer; null if none came. */
  httpStatus: number | null;
  /** How the exchange failed; null if an answer came. */
  failure: ExchangeFailure | null;
}

/** The provider refused a whole batch without looking at its orders. */
export interface BatchRefusedEvent extends Pick<ExchangeEvent, "provider" | "orders" | "waitMs" | "durationMs"> {
  event: "batch-refused";
  operation: ExchangeEvent["event"];
}

/** Codes whose messages are written for callers: ours, and those of Apollo Server about the request itself. */
export const shownCodes: ReadonlySet<string> = new Set([
  "BAD_USER_INPUT",
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "PROVIDER_NOT_CONFIGURED",
  "TOO_MANY_SUBSCRIPTIONS",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "BAD_REQUEST",
  "PERSISTED_QUERY_NOT_FOUND",
  "PERSISTED_QUERY_NOT_SUPPORTED",
]);
