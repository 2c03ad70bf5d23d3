import { Gauge, Histogram, type Registry } from "prom-client";
import { within } from "../util/within.ts";

/** What the ledger tells at each scrape. */
export interface LedgerNumbers {
  /** How many cancellations of each provider are PENDING; the age of the oldest in ms. */
  backlog: readonly { provider: string; open: number; oldestAgeMs: number }[];
  /** How many cancellations of each provider are UNCONFIRMED. */
  unconfirmed: readonly { provider: string; orders: number }[];
  /** What the webhook has not delivered. */
  undelivered: { waiting: number; abandoned: number };
}

/** Longest that a scrape waits for the database, ms. Prometheus itself waits 10 s. */
const patienceMs = 2000;

/**
 * Gauges of what is in the ledger. While the database is away they are absent, and `database_up` is 0: no number would look
 * like "nothing is open".
 */
export function ledgerGauges(registers: Registry[], providers: readonly string[]) {
  const up = new Gauge({
    name: "order_cancellation_database_up",
    help: "1 if the database answers and takes writes, otherwise 0.",
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
    help: "Age of the oldest PENDING cancellation; 0 if there is none.",
    labelNames: ["provider"],
    registers,
  });
  const unconfirmed = new Gauge({
    name: "order_cancellation_unconfirmed",
    help: "UNCONFIRMED cancellations in the ledger, counted up to 10,000 for each provider.",
    labelNames: ["provider"],
    registers,
  });
  const undelivered = new Gauge({
    name: "order_cancellation_webhooks_undelivered",
    help: "Announcements in the ledger that wait to be delivered, or were given up; each counted up to 10,000.",
    labelNames: ["state"],
    registers,
  });

  return async (read: () => Promise<LedgerNumbers>): Promise<void> => {
    const numbers = await within(patienceMs, read(), undefined).catch(() => undefined);
    for (const gauge of [open, oldest, unconfirmed, undelivered]) gauge.reset();
    up.set(numbers ? 1 : 0);
    if (!numbers) return;
    for (const provider of providers) for (const gauge of [open, oldest, unconfirmed]) gauge.set({ provider }, 0);
    for (const { provider, open: many, oldestAgeMs } of numbers.backlog) {
      open.set({ provider }, many);
      oldest.set({ provider }, oldestAgeMs / 1000);
    }
    for (const { provider, orders } of numbers.unconfirmed) unconfirmed.set({ provider }, orders);
    for (const [state, many] of Object.entries(numbers.undelivered)) undelivered.set({ state }, many);
  };
}

/** Whether notifications of other instances arrive here. It is 1 until one is missed; with SQLite there are no others. */
export function notificationsGauge(registers: Registry[]) {
  const up = new Gauge({
    name: "order_cancellation_notifications_up",
    help: "1 if this instance hears what other instances write, 0 if it reads often instead.",
    registers,
  });
  up.set(1);
  return (hears: boolean): void => up.set(hears ? 1 : 0);
}

/** How long each call of the ledger took, whether it worked or not. */
export function databaseHistogram(registers: Registry[], operations: readonly string[]) {
  const durations = new Histogram({
    name: "order_cancellation_database_duration_seconds",
    help: "Calls to the database and how long they took, with the wait for a connection or for the disk.",
    labelNames: ["operation"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  for (const operation of operations) durations.zero({ operation });
  return (operation: string, durationMs: number): void => durations.observe({ operation }, durationMs / 1000);
}
