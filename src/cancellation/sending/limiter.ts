import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Ledger } from "../../domain/ledger.ts";
import type { LookupResult, Outcome } from "../../domain/outcome.ts";

/** Keeps the limit of one provider: a least interval between requests, or a number of requests at once. */
export interface Limiter {
  /** Waits until one request may be sent; first come, first served. Rejects if the ledger rejects, and after the signal. */
  acquire(): Promise<Permit>;
  /** At most this many permits, and only those that can be had at once without asking the ledger. */
  acquireFree(most: number): Permit[];
}

/** The permission to send one request. It must be released, in one of two ways. */
export interface Permit {
  /** How long the request waited for the provider's limit, ms, without the time that the ledger took to answer. */
  waitMs: number;
  /** Whether a request may still be sent: the service does not stop, the permit has not run out, the provider wants no pause. */
  maySend(): boolean;
  /** Releases it after the exchange. The next request is sent an interval later, or after `pauseMs` if that is longer. */
  release(pauseMs: number): Promise<void>;
  /** Releases it if nothing was sent: the next request may be sent at once. */
  releaseUnused(): Promise<void>;
  /** Aborted when the request must end, because a cancel needs its place. Absent if that never happens. */
  recalled?: AbortSignal;
}

export interface SlotOptions {
  ledger: Pick<Ledger, "takeSlot" | "releaseSlot">;
  /** Name of the slot. */
  slot: string;
  /** Shared by all limiters of this slot in this process. */
  pace?: Pace;
  /** Takes the slot only after it was free for this long, ms: who waits for it without such a time goes first, in all instances. */
  idleMs?: number;
  /** Least time from an answer to the next request, ms. */
  intervalMs: number;
  /** Longest time that an exchange takes, ms. */
  exchangeMs: number;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  /** Aborted when nothing more may be sent. */
  signal: AbortSignal;
}

/** What one process knows of a slot: it sends one request at a time, even if the ledger grants the slot twice. */
export interface Pace {
  /** Resolves when the current permit is released; undefined if there is none. */
  returned: Promise<void> | undefined;
  /** By `elapsed`. The ledger's clock may jump forward: this process keeps the interval by its own clock, too. */
  notBefore: number;
}

export function createPace(): Pace {
  return { returned: undefined, notBefore: Number.NEGATIVE_INFINITY };
}

/**
 * Longest time from the slot to sending, and from marking an order as sent to sending it, ms. An instance that was frozen for longer
 * must not send: its lease may have run out, and another instance may send now.
 */
export const sendWithinMs = 2000;

/**
 * One request at a time over all instances. The slot is a row in the ledger. It is held until the answer arrives, and is free an
 * interval later. Providers count when requests arrive: an interval between two sends can become shorter on the network.
 */
export function slotLimiter(options: SlotOptions): Limiter {
  const { ledger, slot: name, pace = createPace(), idleMs = 0, intervalMs, exchangeMs, elapsed, signal } = options;
  let last: Promise<unknown> = Promise.resolve();
  /** How long this process has waited for the ledger in all, ms: that is no wait for the provider's limit. */
  let ledgerMs = 0;
  // Kept until the ledger has released it: if an answer got lost, the next request of this process takes the same slot again.
  let token = randomUUID();
  // If the holder is killed, the slot stays taken until its request would have been answered and the interval is over.
  const leaseMs = sendWithinMs + exchangeMs + intervalMs;

  return {
    acquire: () => {
      const askedAt = elapsed() - ledgerMs;
      // Only the first request in the queue asks the ledger.
      const permit = last.then(
        () => take(askedAt),
        () => take(askedAt),
      );
      last = permit;
      return permit;
    },
    acquireFree: () => [],
  };

  async function take(askedAt: number): Promise<Permit> {
    for (;;) {
      while (pace.returned) await pace.returned;
      const notBefore = pace.notBefore + idleMs;
      if (notBefore > elapsed()) {
        await pause(Math.ceil(notBefore - elapsed()), undefined, { signal });
        continue;
      }
      signal.throwIfAborted();
      const sendBefore = elapsed() + sendWithinMs;
      const slot = await timed(() => ledger.takeSlot(name, token, leaseMs, idleMs));
      if (slot.taken && !pace.returned) return toPermit(sendBefore, Math.max(0, elapsed() - ledgerMs - askedAt));
      // The ledger gave it to two of this process.
      if (slot.taken) {
        await release(leaseMs);
        continue;
      }
      await pause(Math.min(Math.max(slot.waitMs, shortestPollMs), longestPollMs), undefined, { signal });
    }
  }

  async function release(shutMs: number): Promise<void> {
    await timed(() => ledger.releaseSlot(name, token, shutMs));
    token = randomUUID();
  }

  /** Calls to the ledger never overlap here, so their durations can be added. */
  async function timed<T>(ask: () => Promise<T>): Promise<T> {
    const askedAt = elapsed();
    try {
      return await ask();
    } finally {
      ledgerMs += elapsed() - askedAt;
    }
  }

  function toPermit(sendBefore: number, waitMs: number): Permit {
    const out = Promise.withResolvers<void>();
    pace.returned = out.promise;
    const end = () => {
      pace.returned = undefined;
      out.resolve();
    };
    return {
      waitMs: Math.round(waitMs),
      maySend: () => !signal.aborted && elapsed() <= sendBefore,
      release: (pauseMs) => {
        const shutMs = Math.max(intervalMs, pauseMs);
        pace.notBefore = elapsed() + shutMs;
        return release(shutMs).finally(end);
      },
      releaseUnused: () => release(0).finally(end),
    };
  }
}

/** How long the provider wants to be left alone after these answers, ms. */
export function longestPause(answers: readonly (Outcome | LookupResult)[]): number {
  return Math.max(0, ...answers.map((answer) => ("retryAfterMs" in answer ? (answer.retryAfterMs ?? 0) : 0)));
}

/** Another instance may release the slot at any moment. Asking this often, ms, loses little of an interval of two seconds. */
const shortestPollMs = 50;
export const longestPollMs = 200;
