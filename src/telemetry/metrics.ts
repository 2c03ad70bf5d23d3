import { collectDefaultMetrics, Registry } from "prom-client";
import type { Emit } from "../domain/events.ts";
import { databaseHistogram, type LedgerNumbers, ledgerGauges, notificationsGauge } from "./database-instruments.ts";
import {
  circuitGauge,
  countDroppedLines,
  deletedCounter,
  exchangeHistograms,
  graphqlMetrics,
  outcomeCounters,
  pausedGauge,
  proxyCounter,
  refusedCounter,
  settledCounter,
  subscriptionGauge,
  webhookCounter,
} from "./instruments.ts";

export interface Metrics {
  /** Counts an event. */
  count: Emit;
  /** Counts a call to the database, with the time it took in ms. */
  countDatabaseCall(operation: string, durationMs: number): void;
  /** From now on the metrics also show what these say. */
  show(sources: MetricsSources): void;
  /** The metrics as Prometheus text, with its content type. */
  scrape(): Promise<{ contentType: string; text: string }>;
}

export interface MetricsOptions {
  /** Names of the providers that are set up. */
  providers: readonly string[];
  /** Names of the calls to the database. */
  databaseCalls: readonly string[];
  /** Called at each scrape. Rejects if the database does not take work. */
  ledgerNumbers(): Promise<LedgerNumbers>;
  /** How many were dropped since the start. Called at each scrape. */
  droppedLogLines(): number;
}

/** What is made after the metrics, and asked at each scrape. */
export interface MetricsSources {
  /** Whether nothing is sent to this provider now. */
  paused(provider: string): boolean;
  /** How many subscriptions are open. */
  openSubscriptions(): number;
}

/** Prometheus metrics. Labels take their values from our own words, never from callers or providers. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { providers } = options;
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const settled = settledCounter(registers, providers);
  const outcomes = outcomeCounters(registers, providers);
  const observeExchange = exchangeHistograms(registers, providers);
  const graphql = graphqlMetrics(registers);
  const showLedger = ledgerGauges(registers, providers);
  const countDatabaseCall = databaseHistogram(registers, options.databaseCalls);
  countDroppedLines(registers, options.droppedLogLines);
  const deleted = deletedCounter(registers);
  const webhooks = webhookCounter(registers);
  const refused = refusedCounter(registers);
  const proxies = proxyCounter(registers);
  const showCircuit = circuitGauge(registers);
  for (const provider of providers) showCircuit(provider, "CLOSED");
  const showHearing = notificationsGauge(registers);

  return {
    count: (event) => {
      switch (event.event) {
        case "settled":
        case "resolved":
          return settled(event);
        case "cancel":
        case "lookup":
          outcomes.exchange(event);
          return observeExchange(event.event, event);
        case "batch-refused":
          return observeExchange(event.event, event);
        case "refused-here":
          return outcomes.refusedHere(event.provider, event.code);
        case "notifications-heard":
        case "notifications-unheard":
          return showHearing(event.event === "notifications-heard");
        case "circuit":
          return showCircuit(event.provider, event.circuit);
        case "graphql-request":
          return graphql(event);
        case "proxy-failed":
          return proxies.inc({ problem: event.problem });
        case "webhook-delivered":
        case "webhook-failed":
        case "webhook-abandoned":
          return webhooks(event);
        case "batch-deleted":
          return deleted.inc(event.records);
        case "connection-refused":
          return refused.inc();
      }
    },
    countDatabaseCall,
    show: ({ paused, openSubscriptions }) => {
      subscriptionGauge(registers, openSubscriptions);
      pausedGauge(registers, providers, paused);
    },
    scrape: async () => {
      await showLedger(options.ledgerNumbers);
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
