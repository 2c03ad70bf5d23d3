import type { Cancellation, OrderKey } from "../domain/cancellation.ts";
import type { Ledger } from "../domain/ledger.ts";
import { orderKeyText } from "../domain/order-key.ts";

/** A record that has changed; with its new state, if it is settled and this instance settled it. */
export interface Changed {
  key: OrderKey;
  settled: Cancellation | undefined;
}

/** The changes to some records since the last call of `next`. */
export interface Changes {
  /** Resolves with the first changes, or with none after `withinMs` or as soon as `signal` is aborted. */
  next(withinMs: number, signal: AbortSignal): Promise<readonly Changed[]>;
  stop(): void;
}

/** Passes the results that are written to the ledger on to the callers that wait for that record. */
export function watchChanges(ledger: Pick<Ledger, "onChange">): {
  begin(keys: readonly OrderKey[]): Changes;
  stop(): void;
} {
  const watchers = new Map<string, Set<(changed: Changed) => void>>();
  const stop = ledger.onChange((key, change, settled) => {
    if (change !== "written") return;
    for (const notify of watchers.get(orderKeyText(key)) ?? []) notify({ key, settled });
  });
  return { begin, stop };

  function begin(keys: readonly OrderKey[]): Changes {
    let changed: Changed[] = [];
    let wakeUp = () => {};
    const notify = (change: Changed) => {
      changed.push(change);
      wakeUp();
    };
    for (const text of keys.map(orderKeyText)) watchers.set(text, (watchers.get(text) ?? new Set()).add(notify));
    return {
      next: async (withinMs, signal) => {
        if (changed.length === 0) {
          await new Promise<void>((resolve) => {
            const timer = setTimeout(() => wakeUp(), withinMs);
            wakeUp = () => {
              clearTimeout(timer);
              signal.removeEventListener("abort", wakeUp);
              // The ledger announces a batch one order at a time. One read afterwards covers all of them.
              setImmediate(resolve);
            };
            signal.addEventListener("abort", wakeUp);
          });
        }
        const taken = changed;
        changed = [];
        wakeUp = () => {};
        return taken;
      },
      stop: () => {
        for (const text of keys.map(orderKeyText)) {
          const own = watchers.get(text);
          own?.delete(notify);
          if (own?.size === 0) watchers.delete(text);
        }
      },
    };
  }
}
