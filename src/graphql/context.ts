import DataLoader from "dataloader";
import type { Cancellations } from "../cancellation/cancellations.ts";
import type { Cancellation, CancellationEvent, OrderKey } from "../domain/cancellation.ts";
import type { CancellationProvider } from "./types.ts";

/** What the resolvers work with: the service, and what belongs to one GraphQL request. */
export interface RequestContext extends Service {
  /** The subject of the caller's token; null where callers are not authenticated. */
  subject: string | null;
  /** One ledger read for all orders that one step of the execution asks for. */
  records: DataLoader<OrderKey, Cancellation | undefined, string>;
  histories: DataLoader<number, CancellationEvent[]>;
}

export interface Service {
  cancellations: Cancellations;
  /** Every provider, set up or not, as it stands now. */
  catalogue(): CancellationProvider[];
  maxIdsPerRequest: number;
}

export function createContext(service: Service, subject: string | null): RequestContext {
  return {
    ...service,
    subject,
    // Cached per request, so that one answer does not contradict itself.
    records: new DataLoader((keys) => service.cancellations.read(keys), {
      cacheKeyFn: ({ provider, orderId }) => `${provider}\n${orderId}`,
    }),
    histories: new DataLoader((ids) => service.cancellations.history(ids), { cache: false }),
  };
}
