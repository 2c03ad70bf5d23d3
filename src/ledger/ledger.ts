import type { Ledger } from "../domain/ledger.ts";
import { createClaims } from "./queue/claims.ts";
import { createTimes } from "./queue/clock-jumps.ts";
import { createSlots } from "./queue/slots.ts";
import { createTransitions } from "./queue/transitions.ts";
import { createChecks } from "./records/checks.ts";
import { createCounts } from "./records/counts.ts";
import { createEnvironments } from "./records/environments.ts";
import { createPages } from "./records/lists.ts";
import { announceSettled, createOutbox, type OnSettled } from "./records/outbox.ts";
import { createPauses } from "./records/pauses.ts";
import { createReads } from "./records/reads.ts";
import { createRecords } from "./records/requests.ts";
import { createResolutions } from "./records/resolutions.ts";
import { createRetention, openDespiteDeletion } from "./records/retention.ts";
import type { Announce, Store } from "./store.ts";

export interface LedgerOptions {
  /** How long a record stays with a holder that does not renew, ms. */
  leaseMs: number;
  /** Whether each settled cancellation is to be announced by the webhook. Those that settled before are not. */
  announceSettled?: boolean;
}

/** How often to read again what may have changed, because a notification may get lost, ms; and if none arrives at all. */
const [readAgainMs, deafReadAgainMs] = [5000, 250];

/** The ledger over either database: the records, who holds them, and who may send to a provider. */
export function createLedger(store: Store, { leaseMs, announceSettled: announces = false }: LedgerOptions): Ledger {
  const listeners = new Set<Announce>();
  const gapListeners = new Set<() => void>();
  const hearingListeners = new Set<(hears: boolean) => void>();
  const notifyListeners: Announce = (...change) => {
    for (const listener of listeners) listener(...change);
  };
  /** Called after the commit. */
  const announce: Announce = (key, change, settled) => {
    notifyListeners(key, change, settled);
    store.notifications?.notify(key, change);
  };
  store.notifications?.onNotified({
    changed: notifyListeners,
    missed: () => {
      for (const listener of gapListeners) listener();
    },
    hearing: (hears) => {
      for (const listener of hearingListeners) listener(hears);
    },
  });
  const times = createTimes(store, leaseMs);
  const onSettled: OnSettled = announces ? announceSettled(store) : async () => {};
  const environments = createEnvironments(store);
  const records = createRecords(store, leaseMs, environments, announce);

  return {
    ...records,
    open: openDespiteDeletion(records.open),
    ...createReads(store),
    ...createPages(store),
    ...createCounts(store),
    ...createClaims(store, leaseMs, times, announce),
    ...createTransitions(store, announce, onSettled),
    ...createOutbox(store, times),
    ...createResolutions(store, announce, onSettled),
    ...createRetention(store, times),
    ...createPauses(store),
    ...createSlots(store, times),
    ...createChecks(store),
    bindEnvironments: environments.bind,

    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    onGap: (listener) => {
      gapListeners.add(listener);
      return () => gapListeners.delete(listener);
    },

    onHearing: (listener) => {
      hearingListeners.add(listener);
      return () => hearingListeners.delete(listener);
    },

    readAgainMs: () => {
      if (!store.notifications) return Number.POSITIVE_INFINITY;
      return store.notifications.hears() ? readAgainMs : deafReadAgainMs;
    },

    close: () => store.close(),
  };
}
