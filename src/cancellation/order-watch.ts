import { setImmediate as turn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Cancellation, OrderKey } from "../domain/cancellation.ts";
import type { Emit } from "../domain/events.ts";
import type { Ledger } from "../domain/ledger.ts";
import { orderKeyText } from "../domain/order-key.ts";
import { backoff } from "../util/backoff.ts";
import { rerun } from "../util/single-flight.ts";
import { type OrderStates, openStates, type Watched } from "./order-states.ts";

/**
 * Follows orders in the ledger for any number of streams. One read serves all streams that wait for the same changes. Disposed, it
 * reads nothing more: streams that are still open get no further states.
 */
export interface OrderWatch extends AsyncDisposable {
  /** The state of each of these distinct orders now, then each newer one, until all orders are settled. */
  watch(keys: readonly OrderKey[]): OrderStates;
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

export function watchOrders({ ledger, readAgainMs, emit }: OrderWatchOptions): OrderWatch {
  const all = new Map<string, Watched>();
  /** Orders that have to be read. */
  const stale = new Set<Watched>();
  const closing = new AbortController();
  const reading = rerun(readAll);

  const stopListening = [
    ledger.onChange((key) => {
      const watched = all.get(orderKeyText(key));
      if (watched) readSoon([watched]);
    }),
    ledger.onGap(() => readSoon(all.values())),
  ];
  let again = setTimeout(readNextAgain, againMs()).unref();

  return {
    watch: (keys) => {
      const mine = keys.map(watchedOrder);
      const states = openStates(mine, () => forget(mine, states));
      for (const watched of mine) watched.newcomers.add(states);
      readSoon(mine);
      return states;
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

  function watchedOrder(key: OrderKey): Watched {
    const text = orderKeyText(key);
    const known = all.get(text);
    if (known) return known;
    const watched: Watched = { key, record: undefined, version: 0, streams: new Set(), newcomers: new Set() };
    all.set(text, watched);
    return watched;
  }

  function forget(orders: readonly Watched[], states: OrderStates): void {
    for (const watched of orders) {
      watched.streams.delete(states);
      watched.newcomers.delete(states);
      if (watched.streams.size + watched.newcomers.size > 0) continue;
      all.delete(orderKeyText(watched.key));
      stale.delete(watched);
    }
  }

  function readSoon(orders: Iterable<Watched>): void {
    for (const watched of orders) stale.add(watched);
    if (!closing.signal.aborted) reading.run();
  }

  /** The orders that have waited for longest, which then go to the end. With many orders, each has its turn. */
  function readNextAgain(): void {
    again = setTimeout(readNextAgain, againMs()).unref();
    const next = all.entries().take(mostOrders).toArray();
    for (const [text, watched] of next) {
      all.delete(text);
      all.set(text, watched);
    }
    if (next.length > 0) readSoon(next.map(([, watched]) => watched));
  }

  async function readAll(): Promise<void> {
    const retries = backoff(retryDelaysMs, closing.signal);
    // The ledger announces a batch one order at a time. One read afterwards covers all of them.
    await turn();
    while (stale.size > 0 && !closing.signal.aborted) {
      const orders = stale.values().take(mostOrders).toArray();
      for (const watched of orders) beginRead(watched);
      try {
        const records = await ledger.read(orders.map(({ key }) => key));
        for (const [index, watched] of orders.entries()) noteState(watched, records[index]);
        retries.reset();
      } catch (error) {
        emit({ event: "watch-failed", orders: stale.size + orders.length, error });
        for (const watched of orders) if (all.get(orderKeyText(watched.key)) === watched) stale.add(watched);
        await retries.wait();
      }
    }
  }

  /** A stream gets only what is read after it was opened: an older state could tell less than its client knows. */
  function beginRead(watched: Watched): void {
    stale.delete(watched);
    for (const states of watched.newcomers) watched.streams.add(states);
    watched.newcomers.clear();
  }
}

function noteState(watched: Watched, record: Cancellation | undefined): void {
  if (watched.version === 0 || !isSame(watched.record, record)) {
    watched.record = record;
    watched.version += 1;
  }
  for (const states of watched.streams) states.offer(watched);
}

/** `nextAttemptInMs` differs with each read. */
function isSame(one: Cancellation | undefined, other: Cancellation | undefined): boolean {
  return isDeepStrictEqual(one && { ...one, nextAttemptInMs: null }, other && { ...other, nextAttemptInMs: null });
}
