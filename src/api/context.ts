import DataLoader from "dataloader";
import type { DocumentNode, OperationTypeNode } from "graphql";
import type { Cancellability, Questions } from "../cancellability/cancellability.ts";
import type { Cancellations } from "../cancellation/cancellations.ts";
import type { OrderWatch } from "../cancellation/order-watch.ts";
import type { Pauses } from "../cancellation/pauses.ts";
import {
  type Cancellation as CancellationRecord,
  type CancellationEvent as EventRecord,
  type OrderKey,
  orderKeyText,
} from "../domain/cancellation.ts";
import type { Ledger } from "../domain/ledger.ts";
import { providers } from "../providers/registry.ts";
import { type CancelTogether, createCancelTogether } from "./cancel-together.ts";
import { type EntityOrder, keepFailures, orderReader } from "./jit/order-reader.ts";
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
  /** How long ago the request arrived, ms. */
  ageMs(): number;
  /** These orders with their cancellations. If the ledger cannot be read, each order's cancellation has the error. */
  readOrders(keys: readonly OrderKey[]): Promise<EntityOrder[]>;
  /** Reads the ledger once for all orders that one step of the execution asks for. */
  records: DataLoader<OrderKey, Cancellation | null, string>;
  /** The latest events of records, `last` of each. An order that is named twice has one record, and one read. */
  histories(last: number): { load(record: CancellationRecord): Promise<CancellationEvent[]> };
  /** Whether the caller may touch an order. One access check per provider for all orders that one step asks for. */
  permissions: DataLoader<OrderKey, boolean, string>;
  /** What the request asks of providers. */
  questions(): Questions;
  /** What the request cancels. */
  cancelTogether: CancelTogether;
  /** Takes the operation once it is valid. If it is there, the operation is not run. */
  onValid?: (operation: { type: OperationTypeNode; document: DocumentNode }) => void;
}

export interface Service {
  cancellations: Cancellations;
  cancellability: Cancellability;
  ledger: Pick<Ledger, "read" | "history" | "page" | "counts" | "settledByMinute">;
  pauses: Pick<Pauses, "of" | "set">;
  /** The current state of every provider, set up or not. */
  catalogue(): CancellationProvider[];
  maxIdsPerRequest: number;
  orderWatch: Pick<OrderWatch, "watch">;
}

export interface Caller {
  /** False if callers need a token and this one sent none. */
  authenticated: boolean;
  /** The subject of the caller's token; null if there is none. */
  subject: string | null;
  /** In how many ms from when it was checked the caller's token expires; null if there is none. */
  expiresInMs: number | null;
  holds(scope: string): boolean;
  /** Which of these orders the caller may touch. Rejects with FORBIDDEN if that cannot be found out. */
  allowed(provider: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
}

/** `ageMs`: how long ago the request arrived. */
export function createContext(
  service: Service,
  caller: Caller,
  requestId: string,
  ageMs: () => number = () => 0,
): RequestContext {
  const { cancellations, ledger } = service;
  // Cached per request, so that one answer does not contradict itself.
  const records = new DataLoader(
    keepFailures((keys: readonly OrderKey[]) => readPossible(service, keys)),
    {
      cacheKeyFn: orderKeyText,
    },
  );
  return {
    ...service,
    caller,
    requestId,
    ageMs,
    records,
    readOrders: orderReader((keys) => readPossible(service, keys), records),
    histories: loadersOfHistories(ledger, caller),
    cancelTogether: createCancelTogether((orders) =>
      cancellations.cancel(orders, { requestedBy: caller.subject, requestId, ageMs: ageMs() }),
    ),
    questions: once(() => service.cancellability.begin()),
    permissions: new DataLoader(
      keepFailures((keys) => askPermission(caller, keys)),
      { cacheKeyFn: orderKeyText },
    ),
  };
}

/**
 * Makes contexts for the events of streams. All streams get the same object for the same state of a record, so that its history
 * is read once for all of them. `takeTurn` resolves when there is time for an answer of this size.
 */
export function createStreamContexts(
  service: Service,
  takeTurn: (size: number) => Promise<void>,
): (caller: Caller, requestId: string) => RequestContext {
  const loaderOf = memoized((last: number) => {
    const { history } = service.ledger;
    const read = (records: readonly CancellationRecord[]) =>
      history(
        records.map(({ id }) => id),
        last,
      );
    return new DataLoader<CancellationRecord, EventRecord[]>(read, {
      // It forgets a state when no stream has it any more.
      cacheMap: Object.assign(new WeakMap(), { clear: () => {} }),
      batchScheduleFn: (dispatch) => setImmediate(dispatch),
    });
  });
  const readHistory = (record: CancellationRecord, last: number) =>
    loaderOf(last)
      .load(record)
      .catch((error) => {
        loaderOf(last).clear(record);
        throw error;
      });
  /** One read answers all streams at the same moment: they take turns to go on with it. */
  const loadHistory = async (record: CancellationRecord, last: number) => {
    const events = await readHistory(record, last);
    await takeTurn(events.length * stepSize);
    return events;
  };
  // An event says what this service knows: it waits for no provider.
  const questions = once(() => service.cancellability.begin(0));
  return (caller, requestId) => ({
    ...createContext(service, caller, requestId),
    questions,
    histories: (last) => ({ load: async (record) => toEvents(await loadHistory(record, last), caller) }),
  });
}

/** Size of a step of the history with all its fields, as `answerSize` counts. */
const stepSize = 24;

/** Whether such an order can have a cancellation here. Other keys are not read, because a database may refuse their text. */
export function canBeRecorded({ provider, orderId }: OrderKey): boolean {
  return Object.hasOwn(providers, provider) && faultOf(orderId) === undefined;
}

async function readPossible({ ledger, pauses }: Service, keys: readonly OrderKey[]) {
  const possible = keys.filter(canBeRecorded);
  const records = new Map<OrderKey, Cancellation>();
  for (const [index, record] of (await ledger.read(possible)).entries()) {
    const key = possible[index];
    if (key && record) records.set(key, toCancellation(record, pauses));
  }
  return keys.map((key) => records.get(key) ?? null);
}

/** The key is the record as it was read, and not its id: a later mutation of the same request reads it anew. */
function loadersOfHistories({ history }: Service["ledger"], caller: Caller): RequestContext["histories"] {
  return memoized(
    (last) =>
      new DataLoader(
        keepFailures(async (records: readonly CancellationRecord[]) => {
          const ids = records.map(({ id }) => id);
          return (await history(ids, last)).map((events) => toEvents(events, caller));
        }),
      ),
  );
}

function toEvents(events: readonly EventRecord[], caller: Caller): CancellationEvent[] {
  const isOwn = (subject: string | null) => subject !== null && subject === caller.subject;
  const isShown = (subject: string | null) => isOwn(subject) || caller.holds("cancellations:read");
  return events.map((event) => toEvent(event, isShown));
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

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}

/** Makes each key's value once. */
export function memoized<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}
