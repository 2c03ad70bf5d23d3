import DataLoader from "dataloader";
import type { Claim } from "../domain/cancellation.ts";
import type { Permit } from "./limiter.ts";

/** Collects orders into requests. */
export interface Batcher {
  /**
   * Sends these orders, in as many requests as `maxBatchSize` demands. `permits`: one for each of these requests. Resolves when
   * the results are written.
   */
  load(claims: readonly Claim[], permits: readonly Permit[]): Promise<void>;
}

/**
 * A DataLoader whose schedule is the provider's limit: a batch is dispatched with the permit to send it, and carries all orders that
 * were due by then, from any GraphQL request of any instance. Caching is off: each claim is loaded once.
 */
export function createBatcher(
  maxBatchSize: number,
  send: (batch: readonly Claim[], permit: Permit) => Promise<void>,
): Batcher {
  const granted: Permit[] = [];
  const full: (() => void)[] = [];
  const loader = new DataLoader<Claim, void>(
    async (batch) => {
      const permit = granted.shift();
      if (!permit) throw new Error("a request needs a permit");
      await send(batch, permit);
      return batch.map(() => undefined);
    },
    { cache: false, maxBatchSize, batchScheduleFn: (dispatch) => void full.push(dispatch) },
  );

  return {
    load: async (claims, permits) => {
      granted.push(...permits);
      const loads = claims.map((claim) => loader.load(claim));
      // DataLoader calls the batch function within `dispatch`, so that each batch takes the next permit.
      for (const dispatch of full.splice(0)) dispatch();
      await Promise.all(loads);
    },
  };
}
