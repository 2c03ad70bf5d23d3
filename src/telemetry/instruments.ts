import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import {
  type BatchRefusedEvent,
  type ExchangeEvent,
  type GraphqlRequestEvent,
  type ServiceEvent,
  shownCodes,
  type WebhookEvent,
} from "../domain/events.ts";
import { exchangeFailures, outcomeKinds, problemCodes } from "../domain/outcome.ts";
import { proxyProblems } from "../egress/tunnel.ts";

type SettledEvent = Extract<ServiceEvent, { event: "settled" | "resolved" }>;

/** Upper bounds of the buckets of durations, s. */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

const operations = ["cancel", "lookup"] as const;

/** What Prometheus sees first must be 0: it cannot tell by how much a counter grew that begins at 1. */
export function settledCounter(registers: Registry[], providers: readonly string[]) {
  const settled = new Counter({
    name: "order_cancellation_settled_total",
    help: "Cancellations that ended, by provider and status.",
    labelNames: ["provider", "status"],
    registers,
  });
  for (const provider of providers) {
    for (const status of ["CANCELLED", "REJECTED", "UNCONFIRMED"]) settled.inc({ provider, status }, 0);
  }
  return ({ provider, outcomes }: SettledEvent): void => {
    for (const [status, orders] of Object.entries(outcomes)) settled.inc({ provider, status }, orders);
  };
}

/** How requests to providers ended. */
export function outcomeCounters(registers: Registry[], providers: readonly string[]) {
  const outcomes = new Counter({
    name: "order_cancellation_outcomes_total",
    help: "Orders in requests to providers, by how that ended for each.",
    labelNames: ["provider", "operation", "outcome"],
    registers,
  });
  const problems = new Counter({
    name: "order_cancellation_problems_total",
    help: "Orders in requests to providers, by the problem that they met; and orders that were refused here.",
    labelNames: ["provider", "code"],
    registers,
  });
  const failures = new Counter({
    name: "order_cancellation_exchange_failures_total",
    help: "Requests to providers without a complete answer, by how they failed.",
    labelNames: ["provider", "operation", "failure"],
    registers,
  });
  for (const provider of providers) {
    for (const code of problemCodes) problems.inc({ provider, code }, 0);
    for (const operation of operations) {
      for (const outcome of outcomeKinds[operation]) outcomes.inc({ provider, operation, outcome }, 0);
      for (const failure of exchangeFailures) failures.inc({ provider, operation, failure }, 0);
    }
  }
  return {
    exchange: ({ provider, event: operation, failure, ...event }: ExchangeEvent): void => {
      for (const [outcome, orders] of Object.entries(event.outcomes)) {
        outcomes.inc({ provider, operation, outcome }, orders);
      }
      for (const [code, orders] of Object.entries(event.problems)) problems.inc({ provider, code }, orders);
      if (failure) failures.inc({ provider, operation, failure });
    },
    refusedHere: (provider: string, code: string): void => problems.inc({ provider, code }),
  };
}

/** How many requests there were to providers, how large, how long they took, and how long they waited. */
export function exchangeHistograms(registers: Registry[], providers: readonly string[]) {
  const upstream = new Histogram({
    name: "order_cancellation_upstream_duration_seconds",
    help: "Requests to providers and how long they took.",
    labelNames: ["provider", "operation"],
    buckets: seconds,
    registers,
  });
  const batches = new Histogram({
    name: "order_cancellation_batch_size",
    help: "Orders in one request to a provider.",
    labelNames: ["provider", "operation"],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    registers,
  });
  const waits = new Histogram({
    name: "order_cancellation_slot_wait_seconds",
    help: "How long requests waited for the provider's limit, without the time that the database took to answer.",
    labelNames: ["provider"],
    buckets: seconds,
    registers,
  });
  for (const provider of providers) {
    waits.zero({ provider });
    for (const operation of [...operations, "batch-refused"]) {
      upstream.zero({ provider, operation });
      batches.zero({ provider, operation });
    }
  }
  return (operation: string, event: ExchangeEvent | BatchRefusedEvent): void => {
    const { provider, orders, waitMs, durationMs } = event;
    upstream.observe({ provider, operation }, durationMs / 1000);
    batches.observe({ provider, operation }, orders);
    waits.observe({ provider }, waitMs / 1000);
  };
}

/** The HTTP statuses that this server gives to GraphQL requests; 0 if the caller did not wait. */
const statuses = [0, 200, 400, 401, 413, 415, 422, 500, 503];

export function graphqlMetrics(registers: Registry[]) {
  const requests = new Histogram({
    name: "order_cancellation_graphql_duration_seconds",
    help: "GraphQL requests by HTTP status, and how long they took.",
    labelNames: ["status"],
    buckets: seconds,
    registers,
  });
  const errors = new Counter({
    name: "order_cancellation_graphql_errors_total",
    help: "Top-level errors of GraphQL requests, by code.",
    labelNames: ["code"],
    registers,
  });
  for (const status of statuses) requests.zero({ status: String(status) });
  for (const code of [...shownCodes, "INTERNAL_SERVER_ERROR"]) errors.inc({ code }, 0);
  return ({ status, durationMs, codes }: GraphqlRequestEvent): void => {
    requests.observe({ status: String(status ?? 0) }, durationMs / 1000);
    for (const code of codes) errors.inc({ code });
  };
}

export function countDroppedLines(registers: Registry[], droppedLogLines: () => number): void {
  new Counter({
    name: "order_cancellation_log_lines_dropped_total",
    help: "Log lines that could not be written: standard output was full, or nobody read it.",
    registers,
    collect() {
      this.reset();
      this.inc(droppedLogLines());
    },
  });
}

export function proxyCounter(registers: Registry[]) {
  const counter = new Counter({
    name: "order_cancellation_proxy_failures_total",
    help: "Connections that an outgoing proxy did not open, by the problem.",
    labelNames: ["problem"],
    registers,
  });
  for (const problem of proxyProblems) counter.inc({ problem }, 0);
  return counter;
}

export function subscriptionGauge(registers: Registry[], openSubscriptions: () => number): void {
  new Gauge({
    name: "order_cancellation_subscriptions",
    help: "Open subscriptions of this instance.",
    registers,
    collect() {
      this.set(openSubscriptions());
    },
  });
}

export function webhookCounter(registers: Registry[]) {
  const counter = new Counter({
    name: "order_cancellation_webhooks_total",
    help: "Tries to deliver the webhook, by result: delivered, failed (it is tried again) or abandoned (it is not).",
    labelNames: ["result"],
    registers,
  });
  for (const result of ["delivered", "failed", "abandoned"]) counter.inc({ result }, 0);
  return ({ event }: WebhookEvent): void => counter.inc({ result: event.replace("webhook-", "") });
}

export function refusedCounter(registers: Registry[]) {
  return new Counter({
    name: "order_cancellation_connections_refused_total",
    help: "Incoming connections beyond what the limit of open files leaves room for.",
    registers,
  });
}

export function deletedCounter(registers: Registry[]) {
  return new Counter({
    name: "order_cancellation_deleted_total",
    help: "Settled cancellations that were deleted because of their age.",
    registers,
  });
}

export function circuitGauge(registers: Registry[]) {
  const circuit = new Gauge({
    name: "order_cancellation_circuit",
    help: "1 for the state that the provider's circuit breaker is in, in this instance.",
    labelNames: ["provider", "state"],
    registers,
  });
  return (provider: string, current: string): void => {
    for (const state of ["CLOSED", "OPEN", "HALF_OPEN"]) circuit.set({ provider, state }, current === state ? 1 : 0);
  };
}

export function pausedGauge(
  registers: Registry[],
  providers: readonly string[],
  paused: (provider: string) => boolean,
): void {
  new Gauge({
    name: "order_cancellation_paused",
    help: "1 if an operator has paused the provider, so that nothing is sent to it.",
    labelNames: ["provider"],
    registers,
    collect() {
      for (const provider of providers) this.set({ provider }, paused(provider) ? 1 : 0);
    },
  });
}
