import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { BatchRefusedEvent, Emit, ExchangeEvent, ServiceEvent } from "../domain/events.ts";

/** What is open, by provider. */
export interface Backlog {
  provider: string;
  open: number;
  /** Age of the oldest open request, ms. */
  oldestAgeMs: number;
}

export interface Metrics {
  /** Counts an event. */
  count: Emit;
  /** Prometheus text, with the content type it goes by. */
  scrape(): Promise<{ contentType: string; text: string }>;
}

export interface MetricsOptions {
  /** Names of the providers that are set up. */
  providers: readonly string[];
  /** Read at each scrape. */
  backlog(): Promise<readonly Backlog[]>;
  /** Since the start; read at each scrape. */
  droppedLogLines(): number;
}

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];
const states = ["CLOSED", "OPEN", "HALF_OPEN"];

/** Prometheus metrics. Labels take their values from our own words, never from callers or providers. */
export function createMetrics({ providers, backlog, droppedLogLines }: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const settled = new Counter({
    name: "order_cancellation_settled_total",
    help: "Cancellations that ended, by provider and status.",
    labelNames: ["provider", "status"],
    registers,
  });
  const outcomes = new Counter({
    name: "order_cancellation_outcomes_total",
    help: "Orders in requests to providers, by how that ended for each.",
    labelNames: ["provider", "operation", "outcome"],
    registers,
  });
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
    help: "How long requests waited for the provider's pace.",
    labelNames: ["provider"],
    buckets: seconds,
    registers,
  });
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
  const open = new Gauge({
    name: "order_cancellation_open",
    help: "PENDING cancellations in the ledger.",
    labelNames: ["provider"],
    registers,
  });
  const oldest = new Gauge({
    name: "order_cancellation_oldest_open_age_seconds",
    help: "Age of the oldest PENDING cancellation.",
    labelNames: ["provider"],
    registers,
  });
  new Counter({
    name: "order_cancellation_log_lines_dropped_total",
    help: "Log lines that could not be written: standard output was full, or nobody read it.",
    registers,
    collect() {
      this.reset();
      this.inc(droppedLogLines());
    },
  });
  const refused = new Counter({
    name: "order_cancellation_connections_refused_total",
    help: "Incoming connections beyond what the limit of open files leaves room for.",
    registers,
  });
  const circuit = new Gauge({
    name: "order_cancellation_circuit",
    help: "1 for the state that the provider's circuit breaker is in, in this instance.",
    labelNames: ["provider", "state"],
    registers,
  });

  const showCircuit = (provider: string, current: string) => {
    for (const state of states) circuit.set({ provider, state }, current === state ? 1 : 0);
  };
  for (const provider of providers) showCircuit(provider, "CLOSED");

  const countExchange = (operation: string, event: ExchangeEvent | BatchRefusedEvent) => {
    const { provider, orders, waitMs, durationMs } = event;
    upstream.observe({ provider, operation }, durationMs / 1000);
    batches.observe({ provider, operation }, orders);
    waits.observe({ provider }, waitMs / 1000);
  };
  const count = (event: ServiceEvent) => {
    switch (event.event) {
      case "settled":
        for (const [status, orders] of Object.entries(event.outcomes)) {
          settled.inc({ provider: event.provider, status }, orders);
        }
        return;
      case "cancel":
      case "lookup":
        for (const [outcome, orders] of Object.entries(event.outcomes)) {
          outcomes.inc({ provider: event.provider, operation: event.event, outcome }, orders);
        }
        return countExchange(event.event, event);
      case "batch-refused":
        return countExchange(event.event, event);
      case "circuit":
        return showCircuit(event.provider, event.circuit);
      case "graphql-request":
        requests.observe({ status: String(event.status ?? 0) }, event.durationMs / 1000);
        for (const code of event.codes) errors.inc({ code });
        return;
      case "connection-refused":
        return refused.inc();
    }
  };

  return {
    count,
    scrape: async () => {
      open.reset();
      oldest.reset();
      for (const { provider, open: many, oldestAgeMs } of await backlog().catch(() => [])) {
        open.set({ provider }, many);
        oldest.set({ provider }, oldestAgeMs / 1000);
      }
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
