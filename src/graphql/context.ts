import DataLoader from "dataloader";
import type { BackOffice } from "../cancellation/back-office.ts";
import type { Cancellations } from "../cancellation/cancellations.ts";
import type { Cancellation as CancellationRecord, OrderKey } from "../domain/cancellation.ts";
import { orderKeyText } from "../domain/order-key.ts";
import { providers } from "../providers/registry.ts";
import { faultOf } from "./order-ids.ts";
import {
  type Cancellation,
  type CancellationEvent,
  type CancellationProvider,
  toCancellation,
  toEvent,
} from "./types.ts";

/** What the resolvers use: the service, and what belongs to one GraphQL request. */
export interface RequestContext extends Service {
  caller: Caller;
  /** `x-request-id` of the request, or the id that it got here. */
  requestId: string;
  /** Reads the ledger once for all orders that one step of the execution asks for. */
  records: DataLoader<OrderKey, Cancellation | null, string>;
  /** The latest events of records, `last` of each. An order that is named twice has one record, and one read. */
  histories(last: number): DataLoader<CancellationRecord, CancellationEvent[]>;
  /** Whether the caller may touch an order. One access check per provider for all orders that one step asks for. */
  permissions: DataLoader<OrderKey, boolean, string>;
}

export interface Service {
  cancellations: Cancellations;
  backOffice: BackOffice;
  /** The current state of every provider, set up or not. */
  catalogue(): CancellationProvider[];
  maxIdsPerRequest: number;
}

export interface Caller {
  /** False if callers need a token and this one sent none. */
  authenticated: boolean;
  /** The subject of the caller's token; null if there is none. */
  subject: string | null;
  holds(scope: string): boolean;
  /** Which of these orders the caller may touch. Rejects with FORBIDDEN if that cannot be found out. */
  allowed(provider: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
}

export function createContext(service: Service, caller: Caller, requestId: string): RequestContext {
  const { cancellations } = service;
  return {
    ...service,
    caller,
    requestId,
    // Cached per request, so that one answer does not contradict itself.
    records: new DataLoader((keys) => readPossible(cancellations, keys), { cacheKeyFn: orderKeyText }),
    histories: loaderOfHistories(cancellations, caller),
    permissions: new DataLoader((keys) => askPermission(caller, keys), { cacheKeyFn: orderKeyText }),
  };
}

/** Whether such an order can have a cancellation here. Other keys are not read, because a database may refuse their text. */
export function canBeRecorded({ provider, orderId }: OrderKey): boolean {
  return Object.hasOwn(providers, provider) && faultOf(orderId) === undefined;
}

async function readPossible(cancellations: Cancellations, keys: readonly OrderKey[]) {
  const possible = keys.filter(canBeRecorded);
  const records = new Map<OrderKey, Cancellation>();
  for (const [index, record] of (await cancellations.read(possible)).entries()) {
    const key = possible[index];
    if (key && record) records.set(key, toCancellation(record));
  }
  return keys.map((key) => records.get(key) ?? null);
}

/** The key is the record as it was read, and not its id: a later mutation of the same request reads it anew. */
function loaderOfHistories({ history }: Cancellations, caller: Caller): RequestContext["histories"] {
  const loaders = new Map<number, DataLoader<CancellationRecord, CancellationEvent[]>>();
  const isOwn = (subject: string | null) => subject !== null && subject === caller.subject;
  const isShown = (subject: string | null) => isOwn(subject) || caller.holds("cancellations:read");
  return (last) => {
    const known = loaders.get(last);
    if (known) return known;
    const loader = new DataLoader<CancellationRecord, CancellationEvent[]>(async (records) => {
      const ids = records.map(({ id }) => id);
      return (await history(ids, last)).map((events) => events.map((event) => toEvent(event, isShown)));
    });
    loaders.set(last, loader);
    return loader;
  };
}

async function askPermission(caller: Caller, keys: readonly OrderKey[]): Promise<boolean[]> {
  const byProvider = Map.groupBy(keys, ({ provider }) => provider);
  const asked = [...byProvider].map(async ([provider, ofProvider]) => {
    const ids = ofProvider.map(({ orderId }) => orderId);
    return [provider, await caller.allowed(provider, ids)] as const;
  });
  const allowed = new Map(await Promise.all(asked));
  return keys.map(({ provider, orderId }) => allowed.get(provider)?.has(orderId) ?? false);
}
