import type { Ledger } from "../../domain/ledger.ts";
import type { ProviderSetup } from "../../domain/provider.ts";
import { concurrencyLimiter } from "./concurrency-limiter.ts";
import { createPace, type Limiter, longestPollMs, slotLimiter } from "./limiter.ts";

/** Who may send to one provider, and when. */
export interface Limits {
  /** For cancels, and for the look-ups that decide one unless those have a limit of their own. */
  cancels: Limiter;
  lookups: Limiter | undefined;
  /** For readers' look-ups: no other request ever waits in line behind one of them. */
  readers: Limiter;
}

export interface LimitsOptions {
  ledger: Pick<Ledger, "takeSlot" | "releaseSlot">;
  provider: string;
  setup: Pick<ProviderSetup, "minIntervalMs" | "ownLookupLimit" | "concurrency">;
  /** Longest an exchange with a provider takes, ms. */
  exchangeMs: number;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  /** Aborted when nothing more may be sent. */
  signal: AbortSignal;
}

/** A reader takes a slot only this long after it became free, ms: every instance with a cancel that waits has seen it by then. */
const idleMs = longestPollMs + 50;

/** The part of a provider's concurrency that readers may have at a time while no cancel needs it: 2 of 8. */
const readersPart = 1 / 4;

/** Longest that a look-up for readers takes, ms. */
export function longestReadMs(exchangeMs: number): number {
  return Math.min(exchangeMs, 5000);
}

/** How many look-ups for readers may be under way at once. */
export function readersAtOnce({ concurrency }: Pick<ProviderSetup, "concurrency">): number {
  return Math.max(1, Math.floor(concurrency * readersPart));
}

export function createLimits({ provider, setup, exchangeMs, ...options }: LimitsOptions): Limits {
  const { minIntervalMs } = setup;
  if (minIntervalMs === null) {
    const cancels = concurrencyLimiter({ ...options, limit: setup.concurrency, lend: readersAtOnce(setup) });
    return { cancels, lookups: undefined, readers: cancels.lent };
  }
  const slotNamed = (slot: string) => ({ ...options, slot, pace: createPace(), intervalMs: minIntervalMs });
  const slot = slotNamed(provider);
  const ofLookups = setup.ownLookupLimit ? slotNamed(`${provider} lookup`) : undefined;
  return {
    cancels: slotLimiter({ ...slot, exchangeMs }),
    lookups: ofLookups && slotLimiter({ ...ofLookups, exchangeMs }),
    readers: slotLimiter({ ...(ofLookups ?? slot), idleMs, exchangeMs: longestReadMs(exchangeMs) }),
  };
}
