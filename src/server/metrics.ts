import { collectDefaultMetrics, Registry } from "prom-client";
import type { Emit } from "../domain/events.ts";
import {
  backlogGauges,
  circuitGauge,
  countDroppedLines,
  exchangeMetrics,
  graphqlMetrics,
  refusedCounter,
  settledCounter,
} from "./instruments.ts";

/** How many cancellations of one provider are open. */
export interface Backlog {
  provider: string;
  open: number;
  /** Age of the oldest open request, ms. */
  oldestAgeMs: number;
}

export interface Metrics {
  /** Counts an event. */
  count: Emit;
  /** The metrics as Prometheus text, with its content type. */
  scrape(): Promise<{ contentType: string; text: string }>;
}

export interface MetricsOptions {
  /** Names of the providers that are set up. */
  providers: readonly string[];
  /** Called at each scrape. */
  backlog(): Promise<readonly Backlog[]>;
  /** How many were dropped since the start. Called at each scrape. */
  droppedLogLines(): number;
}

/** Prometheus metrics. Labels take their values from our own words, never from callers or providers. */
export function createMetrics({ providers, backlog, droppedLogLines }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const settled = settledCounter(registers);
  const exchanges = exchangeMetrics(registers);
  const graphql = graphqlMetrics(registers);
  const open = backlogGauges(registers);
  countDroppedLines(registers, droppedLogLines);
  const refused = refusedCounter(registers);
  const showCircuit = circuitGauge(registers);
  for (const provider of providers) showCircuit(provider, "CLOSED");

  return {
    count: (event) => {
      switch (event.event) {
        case "settled":
          return settled(event);
        case "cancel":
        case "lookup":
          exchanges.countOutcomes(event);
          return exchanges.observe(event.event, event);
        case "batch-refused":
          return exchanges.observe(event.event, event);
        case "circuit":
          return showCircuit(event.provider, event.circuit);
        case "graphql-request":
          return graphql(event);
        case "connection-refused":
          return refused.inc();
      }
    },
    scrape: async () => {
      open.show(await backlog().catch(() => []));
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
