/** Puts the orders of each caller into a line, so that a caller who asks for much does not delay the others. */
export interface FairShare {
  /**
   * Takes places for this many orders. Resolves to how far the first one stands behind orders that are due just now, ms; each
   * further one stands `spacingMs` behind the one before. Without a caller, each request is a caller of its own.
   */
  take(caller: string | null, orders: number): number;
}

/**
 * Distance between two orders of one caller in the line, ms. It delays nothing: a provider that is free takes the next order, however far
 * behind it stands. The first order of another caller goes before all that stand behind it. With a minute, a hundred callers with
 * hundreds of orders each add two orders a second to the front of the line. Every provider manages that.
 */
export const spacingMs = 60_000;

/** Most that earlier requests of the same caller count, ms: a service that cancels all day is not put back for ever. */
const furthestPlaceMs = 24 * 60 * 60_000;

/** Places are forgotten in bulk, after this many requests. */
const forgetEvery = 1000;

/** Places are kept by this process: with several instances each counts the requests that it got. */
export function createFairShare(elapsed: () => number): FairShare {
  /** When each caller's next order would stand at the front. */
  const nextAt = new Map<string, number>();
  let taken = 0;

  return {
    take: (caller, orders) => {
      if (caller === null) return 0;
      taken += 1;
      if (taken % forgetEvery === 0) forgetPast();
      const now = elapsed();
      const placeMs = Math.min(furthestPlaceMs, Math.max(0, (nextAt.get(caller) ?? 0) - now));
      nextAt.set(caller, now + placeMs + orders * spacingMs);
      return placeMs;
    },
  };

  function forgetPast(): void {
    for (const [caller, at] of nextAt) if (at <= elapsed()) nextAt.delete(caller);
  }
}
