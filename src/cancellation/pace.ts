import { setTimeout as pause } from "node:timers/promises";
import type { Ledger } from "../domain/ledger.ts";

/** When the next request to one provider may leave. */
export interface Pace {
  /** Waits for leave to send one request, first come, first served. Rejects where the ledger is away or work has ended. */
  acquire(): Promise<Permit>;
}

export interface Permit {
  /** By the clock that never goes back, ms; a request that has not left by then must not leave. */
  sendBefore: number;
  /** Gives leave back: unused, or once the answer is in, which may ask for a longer pause (ms). */
  release(use?: { pauseMs: number }): Promise<void>;
}

export interface SlotOptions {
  ledger: Pick<Ledger, "takeSlot" | "giveBackSlot">;
  provider: string;
  /** Least time from an answer to the next request, ms. */
  intervalMs: number;
  /** Longest an exchange takes, ms. */
  exchangeMs: number;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  signal: AbortSignal;
}

/** Longest time from taking the slot to sending, ms: for the ledger to mark what is sent. */
const sendWithinMs = 2000;

/**
 * One request at a time over all instances: the slot is a row in the ledger, held until the answer is in and free an
 * interval later. Providers count arrivals; spacing the departures instead breaks the limit as soon as the network jitters.
 */
export function slotPace({ ledger, provider, intervalMs, exchangeMs, elapsed, signal }: SlotOptions): Pace {
  let last: Promise<unknown> = Promise.resolve();
  // The ledger's clock may step forward: this process keeps the interval by its own, too.
  let notBefore = Number.NEGATIVE_INFINITY;
  // A holder that is killed keeps the slot until its request would have been answered, and the interval is over.
  const leaseMs = sendWithinMs + exchangeMs + intervalMs;

  async function take(): Promise<Permit> {
    for (;;) {
      while (notBefore > elapsed()) await pause(Math.ceil(notBefore - elapsed()), undefined, { signal });
      signal.throwIfAborted();
      const sendBefore = elapsed() + sendWithinMs;
      const answer = await ledger.takeSlot(provider, leaseMs);
      if ("token" in answer) return { sendBefore, release: (use) => giveBack(answer.token, use) };
      await pause(Math.min(Math.max(answer.waitMs, shortestPollMs), longestPollMs), undefined, { signal });
    }
  }

  async function giveBack(token: string, use: { pauseMs: number } | undefined): Promise<void> {
    const shutMs = use ? Math.max(intervalMs, use.pauseMs) : 0;
    if (use) notBefore = elapsed() + shutMs;
    await ledger.giveBackSlot(provider, token, shutMs);
  }

  return {
    acquire: () => {
      // Only the first in line asks the ledger.
      const permit = last.then(take, take);
      last = permit;
      return permit;
    },
  };
}

/** Another instance may give the slot back at any moment: polled often enough to waste little of two seconds. */
const shortestPollMs = 50;
const longestPollMs = 200;

export interface ConcurrencyOptions {
  /** Most requests in flight at once. */
  limit: number;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  signal: AbortSignal;
}

/** At most `limit` requests of this process at a time; none at all while the provider asked for a pause. */
export function concurrencyPace({ limit, elapsed, signal }: ConcurrencyOptions): Pace {
  const queue: PromiseWithResolvers<void>[] = [];
  let inFlight = 0;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  signal.addEventListener("abort", () => {
    for (const waiting of queue.splice(0)) waiting.reject(signal.reason);
  });

  const admit = () => {
    while (inFlight < limit && queue.length > 0) {
      inFlight += 1;
      queue.shift()?.resolve();
    }
  };
  const leave = () => {
    inFlight -= 1;
    admit();
  };

  return {
    acquire: async () => {
      signal.throwIfAborted();
      const turn = Promise.withResolvers<void>();
      queue.push(turn);
      admit();
      await turn.promise;
      try {
        while (pausedUntil > elapsed()) {
          await pause(Math.min(pausedUntil - elapsed(), longestPollMs), undefined, { signal });
        }
      } catch (error) {
        leave();
        throw error;
      }
      return {
        sendBefore: Number.POSITIVE_INFINITY,
        release: async (use = { pauseMs: 0 }) => {
          pausedUntil = Math.max(pausedUntil, elapsed() + use.pauseMs);
          leave();
        },
      };
    },
  };
}
