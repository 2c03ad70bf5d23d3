import type { OrderKey } from "../../domain/cancellation.ts";
import type { Emit } from "../../domain/events.ts";
import type { LookupResult } from "../../domain/outcome.ts";
import type { ProviderClient } from "../../domain/provider.ts";
import type { RequestTraces } from "../../telemetry/tracing.ts";
import { within } from "../../util/within.ts";
import { type CircuitBreaker, providerHealth } from "./breaker.ts";
import { createExchanger } from "./exchange.ts";
import { type Limiter, longestPause, type Permit } from "./limiter.ts";

/** Asks one provider how orders stand, within its limit and behind its circuit breaker. It reads and writes no record, and never cancels. */
export interface Asker {
  /**
   * Asks about these distinct orders, as many in one request as the provider takes. Begins no request after `deadline`, by `elapsed`. Tells
   * `onAnswers` what each request was answered. Resolves when that is over; to the orders that were not asked about, with the reason.
   * Rejects if `onAnswers` does, or if the ledger that keeps the limit fails.
   */
  ask(orders: readonly OrderKey[], deadline: number, onAnswers: OnAnswers): Promise<Unasked[]>;
  /** Resolves when no request is under way, and what was answered has been told. */
  idle(): Promise<void>;
}

export type OnAnswers = (
  orders: readonly OrderKey[],
  results: readonly LookupResult[],
  durationMs: number,
) => Promise<void>;

/** `no-lookup`: the provider has no look-ups. `circuit`: it failed many times in a row. `late`: its limit left no time. */
export interface Unasked {
  order: OrderKey;
  why: "no-lookup" | "paused" | "circuit" | "late";
}

export interface AskerOptions {
  provider: string;
  client: Pick<ProviderClient, "lookup">;
  /** Most orders one request can carry. */
  maxBatchSize: number;
  limiter: Pick<Limiter, "acquire">;
  breaker: CircuitBreaker;
  traces: Pick<RequestTraces, "of">;
  paused(): boolean;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  /** Aborted when nothing more may be sent. */
  signal: AbortSignal;
  emit: Emit;
}

export function createAsker(options: AskerOptions): Asker {
  const { client, maxBatchSize, limiter, breaker, paused, elapsed, signal } = options;
  const exchange = createExchanger(options);
  const lookup = {
    operation: "lookup",
    ask: async (orderId: string): Promise<LookupResult> => (await client.lookup?.(orderId)) ?? { kind: "unanswered" },
    broken: { kind: "unanswered" } satisfies LookupResult,
  } as const;

  const atWork = new Set<Promise<unknown>>();

  return {
    idle: async () => {
      while (atWork.size > 0) await Promise.all(atWork);
    },
    ask: async (orders, deadline, onAnswers) => {
      if (!client.lookup) return orders.map((order) => ({ order, why: "no-lookup" }));
      const unasked: Unasked[] = [];
      const failures: unknown[] = [];
      const underWay: Promise<unknown>[] = [];
      const waiting = batchesOf(orders);
      // One permit at a time: between two of these requests, a cancel gets its turn.
      for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
        const permit = await acquire(deadline);
        if (permit) underWay.push(track(askOnce(batch, permit).catch((error) => failures.push(error))));
        else giveUp(batch, "late");
        // What was refused as a whole comes again, in halves.
        if (waiting.length === 0) await Promise.all(underWay);
        if (failures.length > 0) throw failures[0];
      }
      return unasked;

      function giveUp(batch: readonly OrderKey[], why: Unasked["why"]): void {
        unasked.push(...batch.map((order) => ({ order, why })));
      }

      async function askOnce(batch: readonly OrderKey[], permit: Permit): Promise<void> {
        const why = paused() ? "paused" : permit.maySend() ? undefined : "late";
        const pass = why ? undefined : breaker.enter();
        if (!pass) {
          giveUp(batch, why ?? "circuit");
          await permit.releaseUnused();
          return;
        }
        const { answers, durationMs } = await exchange(lookup, batch, permit.waitMs);
        pass.leave(providerHealth(answers, batch));
        const released = permit.release(longestPause(answers));
        const isRefused = answers.some(({ kind }) => kind === "batchRefused") && batch.length > 1;
        if (isRefused) waiting.push(...halvesOf(batch));
        else await onAnswers(batch, answers, durationMs);
        await released;
      }
    },
  };

  function track(work: Promise<unknown>): Promise<unknown> {
    atWork.add(work);
    return work.finally(() => atWork.delete(work));
  }

  /** Undefined if none is to be had before the deadline, or the service stops. */
  async function acquire(deadline: number): Promise<Permit | undefined> {
    const leftMs = deadline - elapsed();
    if (leftMs <= 0 || signal.aborted) return undefined;
    const acquiring = limiter.acquire();
    const permit = await within(leftMs, acquiring, undefined);
    if (!permit) acquiring.then((late) => late.releaseUnused()).catch(() => {});
    return permit;
  }

  function batchesOf(orders: readonly OrderKey[]): (readonly OrderKey[])[] {
    const starts = Array.from({ length: Math.ceil(orders.length / maxBatchSize) }, (_, index) => index * maxBatchSize);
    return starts.map((start) => orders.slice(start, start + maxBatchSize));
  }
}

function halvesOf(orders: readonly OrderKey[]): (readonly OrderKey[])[] {
  const middle = Math.ceil(orders.length / 2);
  return [orders.slice(0, middle), orders.slice(middle)];
}
