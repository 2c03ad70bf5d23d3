import DataLoader from "dataloader";
import type { Claim } from "../domain/cancellation.ts";
import type { Pace, Permit } from "./pace.ts";

/** Leave to send one request, and how long it was waited for. */
export interface Leave {
  permit: Permit;
  waitMs: number;
}

export async function askLeave({ pace, elapsed }: Departures): Promise<Leave> {
  const askedAt = elapsed();
  const permit = await pace.acquire();
  return { permit, waitMs: Math.round(elapsed() - askedAt) };
}

/** What tells when a request may leave. */
interface Departures {
  pace: Pace;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
}

/**
 * DataLoader as the waiting room: `pace` says when the next request may leave, and whatever has arrived by then, from any
 * GraphQL request, leaves with it. Caching is off: a claim is in one pair of hands, so no key comes twice.
 */
export function createLoader(
  options: Departures & { maxBatchSize: number },
  send: (batch: readonly Claim[], leave: Leave) => Promise<void>,
): DataLoader<Claim, void> {
  let granted: Leave | Error | undefined;
  return new DataLoader<Claim, void>(
    async (batch) => {
      const leave = granted;
      if (leave === undefined || leave instanceof Error) throw leave;
      await send(batch, leave);
      return batch.map(() => undefined);
    },
    {
      cache: false,
      maxBatchSize: options.maxBatchSize,
      // DataLoader calls the batch function within `depart`, so `granted` is always the one for this batch.
      batchScheduleFn: (depart) => {
        const go = (leave: Leave | Error) => {
          granted = leave;
          depart();
        };
        askLeave(options).then(go, (error) => go(error instanceof Error ? error : new Error(String(error))));
      },
    },
  );
}
