import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Emit, ServiceEvent } from "../domain/events.ts";
import { within } from "../util/within.ts";
import { type LedgerNumbers, type Metric, metricsTable, type Readings, type Sample } from "./metrics-table.ts";

export interface Metrics {
  /** Counts an event. */
  count: Emit;
  /** The metrics as Prometheus text, with its content type. `read` rejects if the database does not take work. */
  scrape(
    read: () => Promise<LedgerNumbers>,
    others: Omit<Readings, "ledger">,
  ): Promise<{ contentType: string; text: string }>;
}

/** Longest that a scrape waits for the database, ms. Prometheus itself waits 10 s. */
const timeoutMs = 2000;

/** Prometheus metrics. `providers`: names of those that are set up. `databaseCalls`: names of the calls to the database. */
export function createMetrics(providers: readonly string[], databaseCalls: readonly string[]): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const instruments = metricsTable(providers, databaseCalls).map((metric) => instrumentOf(metric, registry));

  return {
    count: (event) => {
      for (const { metric, take } of instruments) {
        const samples = metric.on?.[event.event] as ((event: ServiceEvent) => readonly Sample[]) | undefined;
        if (samples) take(samples(event));
      }
    },
    scrape: async (read, others) => {
      const ledger = await within(timeoutMs, read(), undefined).catch(() => undefined);
      for (const { metric, take, reset } of instruments) {
        if (!metric.read) continue;
        reset();
        take(metric.read({ ...others, ledger }));
      }
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function instrumentOf(metric: Metric, registry: Registry) {
  const { name, help, labels = [], buckets, start = [] } = metric;
  const options = { name, help, labelNames: Object.keys(labels[0] ?? {}), registers: [registry] };
  // Prometheus cannot tell by how much a counter grew that begins at 1.
  const zeros = labels.flatMap(combinations);
  if (name.endsWith("_total")) {
    const counter = new Counter(options);
    for (const each of zeros) counter.inc(each, 0);
    return made(counter, (value, of = {}) => counter.inc(of, value));
  }
  if (buckets) {
    const histogram = new Histogram({ ...options, buckets });
    for (const each of zeros) histogram.zero(each);
    return made(histogram, (value, of = {}) => histogram.observe(of, value));
  }
  const gauge = new Gauge(options);
  return made(gauge, (value, of = {}) => gauge.set(of, value));

  function made(instrument: { reset(): void }, note: (...sample: Sample) => void) {
    const take = (samples: readonly Sample[]) => {
      for (const sample of samples) note(...sample);
    };
    take(start);
    return { metric, take, reset: () => instrument.reset() };
  }
}

/** One record for each combination of the values. */
function combinations(values: Readonly<Record<string, readonly string[]>>): Record<string, string>[] {
  return Object.entries(values).reduce<Record<string, string>[]>(
    (all, [label, possible]) => all.flatMap((one) => possible.map((value) => ({ ...one, [label]: value }))),
    [{}],
  );
}
