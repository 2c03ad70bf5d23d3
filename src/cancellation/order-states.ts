import type { Cancellation, OrderKey } from "../domain/cancellation.ts";

/** An order that is followed, with its state as it was last known. */
export interface Watched {
  key: OrderKey;
  /** Undefined if no cancel was ever asked for. */
  record: Cancellation | undefined;
  /** Grows with each new state; 0 until there is one. */
  version: number;
}

export type OrderState = Pick<Watched, "key" | "record">;

/** The states of some orders, one after another. It ends when all of them are settled, or with `return`. */
export interface OrderStates extends AsyncIterableIterator<OrderState, undefined> {
  /** How many orders. */
  readonly size: number;
  /** Takes a new state of an order. */
  offer(watched: Watched): void;
  return(): Promise<IteratorReturnResult<undefined>>;
}

/**
 * Holds at most one state per order, however slowly the states are taken: the newest one replaces those that were not taken in
 * time. `onEnd` is called once.
 */
export function openStates(orders: readonly Watched[], onEnd: () => void): OrderStates {
  /** The version that was taken last, by order. */
  const taken = new Map(orders.map((watched) => [watched, 0]));
  const waiting = new Set<Watched>();
  let ended = false;
  let woken = Promise.withResolvers<void>();

  const end = (): void => {
    if (ended) return;
    ended = true;
    waiting.clear();
    onEnd();
    wakeUp();
  };
  const wakeUp = () => {
    woken.resolve();
    woken = Promise.withResolvers();
  };
  const isOver = () => taken.entries().every(([{ record }, version]) => version > 0 && isSettled(record));

  const states: OrderStates = {
    [Symbol.asyncIterator]: () => states,
    size: orders.length,
    offer: (watched) => {
      if (ended || taken.get(watched) === watched.version) return;
      waiting.add(watched);
      wakeUp();
    },
    next: async () => {
      for (;;) {
        if (ended) return { done: true, value: undefined };
        const [first] = waiting;
        if (first) return { done: false, value: take(first) };
        if (isOver()) end();
        else await woken.promise;
      }
    },
    return: async () => {
      end();
      return { done: true, value: undefined };
    },
  };
  return states;

  function take(watched: Watched): OrderState {
    waiting.delete(watched);
    taken.set(watched, watched.version);
    return { key: watched.key, record: watched.record };
  }
}

/** An order without a cancellation is not settled. */
function isSettled(record: Cancellation | undefined): boolean {
  return record !== undefined && record.status !== "PENDING";
}
