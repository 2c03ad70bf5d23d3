import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { BatchRefusedEvent, ExchangeEvent, GraphqlRequestEvent, ServiceEvent } from "../domain/events.ts";
import type { Backlog } from "./metrics.ts";

type SettledEvent = Extract<ServiceEvent, { event: "settled" }>;

/** Upper bounds of the buckets of durations, s. */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

export function settledCounter(registers: Registry[]) {
  const settled = new Counter({
    name: "order_cancellation_settled_total",
    help: "Cancellations that ended, by provider and status.",
    labelNames: ["provider", "status"],
    registers,
  });
  return ({ provider, outcomes }: SettledEvent): void => {
    for (const [status, orders] of Object.entries(outcomes)) settled.inc({ provider, status }, orders);
  };
}

export function exchangeMetrics(registers: Registry[]) {
  const outcomeCounter = new Counter({
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
  return {
    countOutcomes: ({ provider, event: operation, outcomes }: ExchangeEvent): void => {
      for (const [outcome, orders] of Object.entries(outcomes)) {
        outcomeCounter.inc({ provider, operation, outcome }, orders);
      }
    },
    observe: (operation: string, event: ExchangeEvent | BatchRefusedEvent): void => {
      const { provider, orders, waitMs, durationMs } = event;
      upstream.observe({ provider, operation }, durationMs / 1000);
      batches.observe({ provider, operation }, orders);
      waits.observe({ provider }, waitMs / 1000);
    },
  };
}

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
  return ({ status, durationMs, codes }: GraphqlRequestEvent): void => {
    requests.observe({ status: String(status ?? 0) }, durationMs / 1000);
    for (const code of codes) errors.inc({ code });
  };
}

/** A provider without open records has no value. */
export function backlogGauges(registers: Registry[]) {
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
  return {
    show: (backlog: readonly Backlog[]): void => {
      open.reset();
      oldest.reset();
      for (const { provider, open: many, oldestAgeMs } of backlog) {
        open.set({ provider }, many);
        oldest.set({ provider }, oldestAgeMs / 1000);
      }
    },
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

export function refusedCounter(registers: Registry[]) {
  return new Counter({
    name: "order_cancellation_connections_refused_total",
    help: "Incoming connections beyond what the limit of open files leaves room for.",
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
