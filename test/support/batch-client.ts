import DataLoader from "dataloader";
import type { LookupResult, Outcome } from "../../src/domain/outcome.ts";
import type { ProviderClient } from "../../src/domain/provider.ts";

/** How a provider answers requests that carry many orders: one answer per order, or a refusal of the request as a whole. */
export interface BatchAnswers {
  invalidId?(orderId: string): string | undefined;
  cancel(orderIds: readonly string[]): Promise<Outcome[] | "batchRefused">;
  lookup?(orderIds: readonly string[]): Promise<LookupResult[] | "batchRefused">;
}

/** A client that collects the orders of one turn of the event loop into one request, as Tronsave's does. */
export function batchClient({ cancel, lookup, ...others }: BatchAnswers): ProviderClient {
  const cancels = loaderOf(cancel);
  const lookups = lookup && loaderOf(lookup);
  return {
    ...others,
    cancel: (orderId) => cancels.load(orderId),
    ...(lookups && { lookup: (orderId: string) => lookups.load(orderId) }),
  };
}

function loaderOf<Answer>(ask: (orderIds: readonly string[]) => Promise<Answer[] | "batchRefused">) {
  return new DataLoader<string, Answer | { kind: "batchRefused"; orders: number }>(
    async (orderIds) => {
      const answers = await ask(orderIds);
      if (answers !== "batchRefused") return answers;
      return orderIds.map(() => ({ kind: "batchRefused", orders: orderIds.length }));
    },
    { cache: false },
  );
}
