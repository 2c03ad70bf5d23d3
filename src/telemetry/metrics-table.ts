import {
  type BatchRefusedEvent,
  cancellabilitySources,
  type ExchangeEvent,
  type ServiceEvent,
  shownCodes,
} from "../domain/events.ts";
import { exchangeFailures, outcomeKinds, problemCodes } from "../domain/outcome.ts";
import { proxyProblems } from "../egress/tunnel.ts";

/** A number, and the labels that say what it is about. */
export type Sample = readonly [value: number, labels?: Readonly<Record<string, string>>];

/** One that ends in `_total` is a counter, which adds up its samples. One with `buckets` is a histogram. A gauge keeps the last sample. */
export interface Metric {
  name: `order_cancellation_${string}`;
  help: string;
  /** Its labels with the values that they begin with. Counters and histograms are 0 for each combination from the start. */
  labels?: readonly Readonly<Record<string, readonly string[]>>[];
  buckets?: number[];
  /** What a gauge shows from the start. */
  start?: readonly Sample[];
  /** What an event means for it. */
  on?: { readonly [Name in ServiceEvent["event"]]?: (event: EventNamed<Name>) => readonly Sample[] };
  /** All its samples, made anew at each scrape. */
  read?: (readings: Readings) => readonly Sample[];
}

type EventNamed<Name, Event = ServiceEvent> = Event extends { event: infer Names }
  ? Name extends Names
    ? Event
    : never
  : never;

/** What is read at a scrape. */
export interface Readings {
  /** Undefined while the database is away: its gauges are absent then, because a 0 would look like "nothing is open". */
  ledger: LedgerNumbers | undefined;
  paused(provider: string): boolean;
  /** How many subscriptions are open. */
  openSubscriptions: number;
  /** How many were dropped since the start. */
  droppedLogLines: number;
}

export interface LedgerNumbers {
  /** How many cancellations of each provider are PENDING; the age of the oldest in ms. */
  backlog: readonly { provider: string; open: number; oldestAgeMs: number }[];
  /** How many cancellations of each provider are UNCONFIRMED. */
  unconfirmed: readonly { provider: string; orders: number }[];
  /** What the webhook has not delivered. */
  undelivered: { waiting: number; abandoned: number };
}

/** Upper bounds of the buckets of durations, s. */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

/** The HTTP statuses that this server gives to GraphQL requests; 0 if the caller did not wait. */
const statuses = ["0", "200", "400", "401", "413", "415", "422", "500", "503"];

const circuits = ["CLOSED", "OPEN", "HALF_OPEN"];

/** Every metric of ours. Labels take their values from our own words, never from callers or providers. */
export function metricsTable(providers: readonly string[], databaseCalls: readonly string[]): readonly Metric[] {
  const provider = providers;
  const operation = ["cancel", "lookup", "read"];
  const sent = [...operation, "batch-refused"];
  return [
    {
      name: "order_cancellation_settled_total",
      help: "Cancellations that ended, by provider and status.",
      labels: [{ provider, status: ["CANCELLED", "REJECTED", "UNCONFIRMED"] }],
      on: {
        settled: ({ provider, outcomes }) => counts(outcomes, (status) => ({ provider, status })),
        resolved: ({ provider, outcomes }) => counts(outcomes, (status) => ({ provider, status })),
      },
    },
    {
      name: "order_cancellation_outcomes_total",
      help: "Orders in requests to providers, by how that ended for each.",
      labels: [
        { provider, operation: ["cancel"], outcome: outcomeKinds.cancel },
        { provider, operation: ["lookup", "read"], outcome: outcomeKinds.lookup },
      ],
      on: onExchange(({ event, provider, outcomes }) =>
        counts(outcomes, (outcome) => ({ provider, operation: event, outcome })),
      ),
    },
    {
      name: "order_cancellation_problems_total",
      help: "Orders in requests to providers, by the problem that they met; and orders that were refused here.",
      labels: [{ provider, code: problemCodes }],
      on: {
        // What readers see of an order is no problem.
        ...onExchange(({ event, provider, problems }) =>
          counts(event === "read" ? {} : problems, (code) => ({ provider, code })),
        ),
        "refused-here": ({ provider, code }) => [[1, { provider, code }]],
      },
    },
    {
      name: "order_cancellation_exchange_failures_total",
      help: "Requests to providers without a complete answer, by how they failed.",
      labels: [{ provider, operation, failure: exchangeFailures }],
      on: onExchange(({ event, provider, failure }) => (failure ? [[1, { provider, operation: event, failure }]] : [])),
    },
    {
      name: "order_cancellation_upstream_duration_seconds",
      help: "Requests to providers and how long they took.",
      labels: [{ provider, operation: sent }],
      buckets: seconds,
      on: onSent(({ event, provider, durationMs }) => [durationMs / 1000, { provider, operation: event }]),
    },
    {
      name: "order_cancellation_batch_size",
      help: "Orders in one request to a provider.",
      labels: [{ provider, operation: sent }],
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
      on: onSent(({ event, provider, orders }) => [orders, { provider, operation: event }]),
    },
    {
      name: "order_cancellation_slot_wait_seconds",
      help: "How long requests waited for the provider's limit, without the time that the database took to answer.",
      labels: [{ provider }],
      buckets: seconds,
      // Look-ups for readers may wait: only readers wait for them.
      on: { ...onSent(({ provider, waitMs }) => [waitMs / 1000, { provider }]), read: () => [] },
    },
    {
      name: "order_cancellation_cancellability_total",
      help: "Answers to whether an order can still be cancelled, by where they came from.",
      labels: [{ provider, source: cancellabilitySources }],
      on: { cancellability: ({ provider, source }) => [[1, { provider, source }]] },
    },
    {
      name: "order_cancellation_circuit",
      help: "1 for the state that the provider's circuit breaker is in, in this instance.",
      labels: [{ provider, state: circuits }],
      start: providers.flatMap((name) => circuitOf(name, "CLOSED")),
      on: { circuit: ({ provider, circuit }) => circuitOf(provider, circuit) },
    },
    {
      name: "order_cancellation_paused",
      help: "1 if an operator has paused the provider, so that nothing is sent to it.",
      labels: [{ provider }],
      read: ({ paused }) => providers.map((name) => [paused(name) ? 1 : 0, { provider: name }]),
    },
    {
      name: "order_cancellation_proxy_failures_total",
      help: "Connections that an outgoing proxy did not open, by the problem.",
      labels: [{ problem: proxyProblems }],
      on: { "proxy-failed": ({ problem }) => [[1, { problem }]] },
    },
    {
      name: "order_cancellation_open",
      help: "PENDING cancellations in the ledger.",
      labels: [{ provider }],
      read: ofLedger(({ backlog }) => backlog.map(({ provider, open }) => [open, { provider }])),
    },
    {
      name: "order_cancellation_oldest_open_age_seconds",
      help: "Age of the oldest PENDING cancellation; 0 if there is none.",
      labels: [{ provider }],
      read: ofLedger(({ backlog }) => backlog.map(({ provider, oldestAgeMs }) => [oldestAgeMs / 1000, { provider }])),
    },
    {
      name: "order_cancellation_unconfirmed",
      help: "UNCONFIRMED cancellations in the ledger, counted up to 10,000 for each provider.",
      labels: [{ provider }],
      read: ofLedger(({ unconfirmed }) => unconfirmed.map(({ provider, orders }) => [orders, { provider }])),
    },
    {
      name: "order_cancellation_webhooks_undelivered",
      help: "Announcements in the ledger that wait to be delivered, or were given up; each counted up to 10,000.",
      labels: [{ state: [] }],
      read: ({ ledger }) => counts(ledger?.undelivered ?? {}, (state) => ({ state })),
    },
    {
      name: "order_cancellation_webhooks_total",
      help: "Tries to deliver the webhook, by result: delivered, failed (it is tried again) or abandoned (it is not).",
      labels: [{ result: ["delivered", "failed", "abandoned"] }],
      on: {
        "webhook-delivered": () => [[1, { result: "delivered" }]],
        "webhook-failed": () => [[1, { result: "failed" }]],
        "webhook-abandoned": () => [[1, { result: "abandoned" }]],
      },
    },
    {
      name: "order_cancellation_database_up",
      help: "1 if the database answers and takes writes, otherwise 0.",
      read: ({ ledger }) => [[ledger ? 1 : 0]],
    },
    {
      name: "order_cancellation_notifications_up",
      help: "1 if this instance hears what other instances write, 0 if it reads often instead.",
      // With SQLite there are no others.
      start: [[1]],
      on: { "notifications-heard": () => [[1]], "notifications-unheard": () => [[0]] },
    },
    {
      name: "order_cancellation_database_duration_seconds",
      help: "Calls to the database and how long they took, with the wait for a connection or for the disk.",
      labels: [{ operation: databaseCalls }],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      on: { "database-call": ({ operation, durationMs }) => [[durationMs / 1000, { operation }]] },
    },
    {
      name: "order_cancellation_deleted_total",
      help: "Settled cancellations that were deleted because of their age.",
      on: { "batch-deleted": ({ records }) => [[records]] },
    },
    {
      name: "order_cancellation_graphql_duration_seconds",
      help: "GraphQL requests by HTTP status, and how long they took.",
      labels: [{ status: statuses }],
      buckets: seconds,
      on: { "graphql-request": ({ status = 0, durationMs }) => [[durationMs / 1000, { status: String(status) }]] },
    },
    {
      name: "order_cancellation_graphql_errors_total",
      help: "Top-level errors of GraphQL requests, by code.",
      labels: [{ code: [...shownCodes, "INTERNAL_SERVER_ERROR"] }],
      on: { "graphql-request": ({ codes }) => codes.map((code) => [1, { code }]) },
    },
    {
      name: "order_cancellation_subscriptions",
      help: "Open subscriptions of this instance.",
      read: ({ openSubscriptions }) => [[openSubscriptions]],
    },
    {
      name: "order_cancellation_connections_refused_total",
      help: "Incoming connections beyond what the limit of open files leaves room for.",
      on: { "connection-refused": () => [[1]] },
    },
    {
      name: "order_cancellation_log_lines_dropped_total",
      help: "Log lines that were dropped because standard output was blocked.",
      read: ({ droppedLogLines }) => [[droppedLogLines]],
    },
  ];

  /** While the ledger can be read, 0 for each provider that it does not name. */
  function ofLedger(read: (numbers: LedgerNumbers) => readonly Sample[]): Metric["read"] & {} {
    const zeros = providers.map((name): Sample => [0, { provider: name }]);
    return ({ ledger }) => (ledger ? [...zeros, ...read(ledger)] : []);
  }
}

function counts(numbers: Readonly<Record<string, number>>, labels: (key: string) => Sample[1] & {}): Sample[] {
  return Object.entries(numbers).map(([key, count]) => [count, labels(key)]);
}

function onExchange(read: (event: ExchangeEvent) => readonly Sample[]): Metric["on"] & {} {
  return { cancel: read, lookup: read, read };
}

/** Of every request to a provider, also one that was refused as a whole. */
function onSent(read: (event: ExchangeEvent | BatchRefusedEvent) => Sample): Metric["on"] & {} {
  const sample = (event: ExchangeEvent | BatchRefusedEvent) => [read(event)];
  return { cancel: sample, lookup: sample, read: sample, "batch-refused": sample };
}

function circuitOf(provider: string, current: string): Sample[] {
  return circuits.map((state) => [current === state ? 1 : 0, { provider, state }]);
}
