import DataLoader from "dataloader";
import type { Claim } from "../domain/cancellation.ts";
import type { Limiter, Permit } from "./limiter.ts";

/** Collects orders into requests. `load` resolves when the result of the request with this order is written. */
export type Batcher = Pick<DataLoader<Claim, void>, "load">;

/**
 * A DataLoader whose schedule is the provider's limit. The limiter decides when the next request may be sent. It carries all
 * orders that have arrived by then, from any GraphQL request. Caching is off: each claim is loaded once.
 */
export function createBatcher(
  { limiter, maxBatchSize }: { limiter: Limiter; maxBatchSize: number },
  send: (batch: readonly Claim[], permit: Permit) => Promise<void>,
): Batcher {
  let granted: Permit | Error | undefined;
  return new DataLoader<Claim, void>(
    async (batch) => {
      const permit = granted;
      if (permit === undefined || permit instanceof Error) throw permit;
      await send(batch, permit);
      return batch.map(() => undefined);
    },
    {
      cache: false,
      maxBatchSize,
      // DataLoader calls the batch function within `dispatch`, so `granted` is always the one for this batch.
      batchScheduleFn: (dispatch) => {
        const go = (permit: Permit | Error) => {
          granted = permit;
          dispatch();
        };
        limiter.acquire().then(go, (error) => go(error instanceof Error ? error : new Error(String(error))));
      },
    },
  );
}
