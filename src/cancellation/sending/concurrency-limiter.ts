import { setTimeout as pause } from "node:timers/promises";
import { type Limiter, longestPollMs, type Permit } from "./limiter.ts";

export interface ConcurrencyOptions {
  /** Most requests under way at once. */
  limit: number;
  /** Most of them that are lent at once; none unless given. */
  lend?: number;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  /** Aborted when nothing more may be sent. */
  signal: AbortSignal;
}

export interface ConcurrencyLimiter extends Limiter {
  /**
   * Lends places that are free at the moment. As soon as the limiter itself needs one, it is recalled: nothing ever waits for what is
   * lent. A pause that the answer to such a request wants is the borrower's own.
   */
  readonly lent: Limiter;
}

/** At most `limit` requests of this process at a time, and none while the provider wants a pause. */
export function concurrencyLimiter({ limit, lend = 0, elapsed, signal }: ConcurrencyOptions): ConcurrencyLimiter {
  const queue: PromiseWithResolvers<void>[] = [];
  const borrowers: PromiseWithResolvers<AbortController>[] = [];
  /** The places that are lent, oldest first. */
  const lent = new Set<AbortController>();
  let underWay = 0;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  signal.addEventListener("abort", () => {
    for (const waiting of [...queue.splice(0), ...borrowers.splice(0)]) waiting.reject(signal.reason);
  });

  return {
    acquire: async () => {
      const askedAt = elapsed();
      signal.throwIfAborted();
      const turn = Promise.withResolvers<void>();
      queue.push(turn);
      admit();
      await turn.promise;
      await waitOutPause();
      return toPermit(elapsed() - askedAt);
    },
    acquireFree: (most) => {
      if (signal.aborted || pausedUntil > elapsed()) return [];
      const free = Math.min(most, limit - underWay);
      occupy(free);
      return Array.from({ length: free }, () => toPermit(0));
    },
    lent: {
      acquire: async () => {
        const askedAt = elapsed();
        signal.throwIfAborted();
        const turn = Promise.withResolvers<AbortController>();
        borrowers.push(turn);
        lendFree();
        return toLentPermit(await turn.promise, elapsed() - askedAt);
      },
      acquireFree: () => [],
    },
  };

  function toPermit(waitMs: number): Permit {
    return {
      waitMs: Math.round(waitMs),
      maySend: () => !signal.aborted && elapsed() >= pausedUntil,
      release: async (pauseMs) => {
        pausedUntil = Math.max(pausedUntil, elapsed() + pauseMs);
        if (pauseMs > 0) setTimeout(lendFree, Math.ceil(pauseMs) + 1).unref();
        leave();
      },
      releaseUnused: async () => leave(),
    };
  }

  function toLentPermit(place: AbortController, waitMs: number): Permit {
    const giveBack = async () => {
      lent.delete(place);
      lendFree();
    };
    return {
      waitMs: Math.round(waitMs),
      recalled: place.signal,
      maySend: () => !signal.aborted && !place.signal.aborted,
      release: giveBack,
      releaseUnused: giveBack,
    };
  }

  function admit(): void {
    while (underWay < limit && queue.length > 0) {
      occupy(1);
      queue.shift()?.resolve();
    }
  }

  function occupy(places: number): void {
    underWay += places;
    for (const place of lent) {
      if (underWay + lent.size <= limit) return;
      lent.delete(place);
      place.abort();
    }
  }

  function leave(): void {
    underWay -= 1;
    admit();
    lendFree();
  }

  function lendFree(): void {
    while (borrowers.length > 0 && lent.size < lend && underWay + lent.size < limit && pausedUntil <= elapsed()) {
      const place = new AbortController();
      lent.add(place);
      borrowers.shift()?.resolve(place);
    }
  }

  async function waitOutPause(): Promise<void> {
    try {
      while (pausedUntil > elapsed()) {
        await pause(Math.min(pausedUntil - elapsed(), longestPollMs), undefined, { signal });
      }
    } catch (error) {
      leave();
      throw error;
    }
  }
}
