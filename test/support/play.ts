import { afterCancel } from "../../src/cancellation/decide/after-cancel.ts";
import { afterLookup } from "../../src/cancellation/decide/after-lookup.ts";
import type { Policy } from "../../src/cancellation/decide/progress.ts";
import { readSettings } from "../../src/config/settings.ts";
import type { Problem } from "../../src/domain/cancellation.ts";
import type { LookupResult, Outcome } from "../../src/domain/outcome.ts";
import type { Exchange, HttpClient } from "../../src/domain/provider.ts";
import { providers } from "../../src/providers/registry.ts";
import { claimOf } from "./claims.ts";

/** An answer of a provider: JSON, or any text. With neither and without a status, the connection breaks. */
export interface PlayedAnswer {
  status?: number;
  json?: unknown;
  text?: string;
}

/** What a provider answers to cancels and to look-ups, one after another; the last answer repeats. */
export interface Play {
  provider: keyof typeof providers;
  settings: Record<string, string>;
  /** The clock at the start, epoch ms. */
  now: number;
  id: string;
  cancel: readonly PlayedAnswer[];
  lookup: readonly PlayedAnswer[];
}

export interface Played {
  status: "CANCELLED" | "REJECTED" | "UNCONFIRMED";
  problem: Problem | null;
  /** Requests that the provider got. */
  cancels: number;
  lookups: number;
  /** All that the client made of the answers. */
  readings: readonly (Outcome | LookupResult)[];
}

/** The default settings. */
const policy: Policy = {
  retryDelaysMs: [1000, 2000, 4000, 8000, 15_000, 30_000, 60_000],
  giveUpAfterMs: 900_000,
  lookupDelaysMs: [2000, 10_000, 60_000, 300_000, 300_000],
};

/** More steps than any cancellation can need. */
const mostSteps = 200;

/** Cancels one order at a real client, without sockets and without waiting, until the cancellation has ended. */
export async function playToEnd({ provider, settings, now, id, cancel, lookup }: Play): Promise<Played> {
  const answers = { cancel: cancel.values().toArray(), lookup: lookup.values().toArray() };
  const asked = { cancel: 0, lookup: 0 };
  let clock = now;
  const http: HttpClient = {
    now: () => clock,
    exchange: async ({ path }) => {
      const kind = /cancel/i.test(path) ? "cancel" : "lookup";
      const given = answers[kind];
      return toExchange(given[Math.min(asked[kind]++, given.length - 1)] ?? {}, clock);
    },
  };
  const client = providers[provider].configure(readSettings(settings)).connect?.(http);
  if (!client) throw new Error(`${provider} is not set up by ${Object.keys(settings).join()}`);
  const readings: (Outcome | LookupResult)[] = [];
  let record = claimOf({ provider, orderId: id });
  for (let step = 0; step < mostSteps; step++) {
    const conditions = { random: 1, canLookUp: client.lookup !== undefined };
    const isLookup = record.nextAction === "lookup" && client.lookup;
    const reading = isLookup ? await client.lookup?.(id) : await client.cancel(id);
    if (!reading) throw new Error("a client without a look-up was asked to look up");
    readings.push(reading);
    const progress = isLookup
      ? afterLookup(record, reading as LookupResult, policy, conditions)
      : afterCancel(record, reading as Outcome, policy, conditions);
    if (progress.status !== "PENDING") {
      const { status, problem } = progress;
      return { status, problem, cancels: asked.cancel, lookups: asked.lookup, readings };
    }
    clock += progress.delayMs ?? 0;
    record = { ...record, ...progress, ageMs: clock - now };
  }
  throw new Error(`not ended after ${mostSteps} steps`);
}

function toExchange({ status, json, text }: PlayedAnswer, answeredAt: number): Exchange {
  if (status === undefined && json === undefined && text === undefined) return { kind: "lost", failure: "RESET" };
  const body = text ?? (json === undefined ? "" : JSON.stringify(json));
  return { kind: "answered", status: status ?? 200, answeredAt, text: body, redact: (words) => words };
}
