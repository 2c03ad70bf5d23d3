import { setImmediate as turn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type Cancellation, type OrderKey, orderKeyText } from "../domain/cancellation.ts";
import type { Emit } from "../domain/events.ts";
import type { Change, Ledger } from "../domain/ledger.ts";
import { backoff } from "../util/backoff.ts";
import { rerun } from "../util/single-flight.ts";
import { type OrderStates, openStates, type Watched } from "./order-states.ts";

/**
 * Follows orders in the ledger, for any number of streams and of mutations that wait. One read serves all that wait for the same
 * changes. Disposed, it reads nothing more: those that still follow get no further states.
 */
export interface OrderWatch extends AsyncDisposable {
  /** The state of each of these distinct orders now, then each newer one, until all orders are settled. */
  watch(keys: readonly OrderKey[]): OrderStates;
  /** Follows distinct orders that are about to be recorded. Their records need no read then. */
  expect(keys: readonly OrderKey[]): ExpectedStates;
}

/** Newer states than those that were recorded. Without `from` there are none. */
export interface ExpectedStates extends OrderStates {
  /** These are recorded, and PENDING. */
  from(records: readonly Cancellation[]): void;
}

export interface OrderWatchOptions {
  ledger: Pick<Ledger, "read" | "onChange" | "onGap" | "readAgainMs">;
  /** How often watched orders are read again at least, without a change, ms. */
  readAgainMs: number;
  emit: Emit;
}

/** Most orders in one read. More of them are read one part after another. */
const mostOrders = 2000;

/** Waits before the next try while the ledger cannot be read, ms; the last one repeats. */
const retryDelaysMs = [100, 500, 1000];

/** An order that is followed, and by whom. */
interface FollowedOrder extends Watched {
  /** The moment of the read that its state is from. */
  asOf: number;
  followers: Set<Follower>;
}

interface Follower {
  states: OrderStates;
  /** It gets only what was read after this moment: an older state could tell less than its client knows. */
  since: number;
  /** Whether it also wants to know that a record was asked for, or is about to be sent. */
  steps: boolean;
}

export function watchOrders({ ledger, readAgainMs, emit }: OrderWatchOptions): OrderWatch {
  const all = new Map<string, FollowedOrder>();
  /** Orders that have to be read, and those that are being read. */
  const [stale, underWay] = [new Set<FollowedOrder>(), new Set<FollowedOrder>()];
  /** Grows, so that it tells which came first. */
  let moment = 0;
  const closing = new AbortController();
  const reading = rerun(readAll);

  const stopListening = [ledger.onChange(noteChange), ledger.onGap(() => readSoon(all.values()))];
  let again = setTimeout(readNextAgain, againMs()).unref();

  return {
    watch: (keys) => {
      const { states, orders } = follow(keys, { since: ++moment, steps: true });
      readSoon(orders);
      return states;
    },
    expect: (keys) => {
      const { states, follower } = follow(keys, { since: Number.POSITIVE_INFINITY, steps: false });
      const from = (records: readonly Cancellation[]) => {
        follower.since = ++moment;
        for (const record of records) noteRecorded(record);
      };
      return Object.assign(states, { from });
    },
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      clearTimeout(again);
      for (const stop of stopListening) stop();
    },
  };

  function againMs(): number {
    return Math.min(readAgainMs, ledger.readAgainMs());
  }

  function follow(keys: readonly OrderKey[], wishes: Omit<Follower, "states">) {
    const orders = keys.map(followedOrder);
    const states = openStates(orders, () => forget(orders, follower));
    const follower = { ...wishes, states };
    for (const order of orders) order.followers.add(follower);
    return { states, orders, follower };
  }

  function followedOrder(key: OrderKey): FollowedOrder {
    const text = orderKeyText(key);
    const known = all.get(text);
    if (known) return known;
    const order: FollowedOrder = { key, record: undefined, version: 0, asOf: 0, followers: new Set() };
    all.set(text, order);
    return order;
  }

  function forget(orders: readonly FollowedOrder[], follower: Follower): void {
    for (const order of orders) {
      order.followers.delete(follower);
      if (order.followers.size > 0) continue;
      all.delete(orderKeyText(order.key));
      stale.delete(order);
    }
  }

  /** If the record in memory is PENDING, the end of this cancel needs no read. */
  function noteChange(key: OrderKey, change: Change, settled: Cancellation | undefined): void {
    const order = all.get(orderKeyText(key));
    if (!order) return;
    if (settled && isPending(order.record, settled) && !underWay.has(order)) noteState(order, settled, order.asOf);
    else if (change === "written" || order.followers.values().some(({ steps }) => steps)) readSoon([order]);
  }

  /** It is the newest state, unless another was read: then it could be older. */
  function noteRecorded(record: Cancellation): void {
    const order = all.get(orderKeyText(record));
    if (!order) return;
    if (order.version === 0) order.record = record;
    if (underWay.has(order) || !isPending(order.record, record)) readSoon([order]);
    else order.asOf = ++moment;
  }

  function readSoon(orders: Iterable<FollowedOrder>): void {
    for (const order of orders) stale.add(order);
    if (!closing.signal.aborted) reading.run();
  }

  /** The orders that have waited for longest, which then go to the end. With many orders, each has its turn. */
  function readNextAgain(): void {
    again = setTimeout(readNextAgain, againMs()).unref();
    const next = all.entries().take(mostOrders).toArray();
    for (const [text, order] of next) {
      all.delete(text);
      all.set(text, order);
    }
    if (next.length > 0) readSoon(next.map(([, order]) => order));
  }

  async function readAll(): Promise<void> {
    const retries = backoff(retryDelaysMs, closing.signal);
    // The ledger announces a batch one order at a time. One read afterwards covers all of them.
    await turn();
    while (stale.size > 0 && !closing.signal.aborted) {
      const orders = stale.values().take(mostOrders).toArray();
      const asOf = ++moment;
      for (const order of orders) {
        stale.delete(order);
        underWay.add(order);
      }
      const records = await ledger.read(orders.map(({ key }) => key)).catch((error) => {
        emit({ event: "watch-failed", orders: stale.size + orders.length, error });
      });
      underWay.clear();
      for (const [index, order] of orders.entries()) {
        if (records) noteState(order, records[index], asOf);
        else if (all.get(orderKeyText(order.key)) === order) stale.add(order);
      }
      if (records) retries.reset();
      else await retries.wait();
    }
  }
}

function noteState(order: FollowedOrder, record: Cancellation | undefined, asOf: number): void {
  if (order.version === 0 || !isSame(order.record, record)) {
    order.record = record;
    order.version += 1;
  }
  order.asOf = asOf;
  for (const { states, since } of order.followers) if (since < asOf) states.offer(order);
}

/** Whether the record in memory says that this very cancel is not settled yet. */
function isPending(known: Cancellation | undefined, record: Cancellation): boolean {
  return known?.status === "PENDING" && known.requestedAt === record.requestedAt;
}

/** `nextAttemptInMs` differs with each read. */
function isSame(one: Cancellation | undefined, other: Cancellation | undefined): boolean {
  return isDeepStrictEqual(one && { ...one, nextAttemptInMs: null }, other && { ...other, nextAttemptInMs: null });
}
