import type { Emit } from "../domain/events.ts";

export type Circuit = "CLOSED" | "OPEN" | "HALF_OPEN";

/** Keeps requests from a provider that has failed many times in a row. */
export interface CircuitBreaker {
  readonly state: Circuit;
  /** How long nothing will pass yet, ms; 0 if the next request may. */
  restMs(): number;
  /** Lets one request pass, or none while the circuit is open: undefined. While it is half open only one may be under way. */
  enter(): Pass | undefined;
}

/** One request's way through. */
export interface Pass {
  /** Tells whether the exchange came to nothing; undefined if there was none, which says nothing about the provider. */
  leave(failed: boolean | undefined): void;
}

/**
 * Failures in a row after which nothing is sent, and for how long until one request tries again, ms. Ten: one burst to a
 * provider that hangs; five seconds: within the time that a mutation waits.
 */
const threshold = 10;
export const breakerPauseMs = 5000;

/**
 * Opens after consecutive failures; a share of failures would never be reached at the rate of a cancel button. It measures its
 * pause with a clock that never goes back: with one that does, a provider stays shut until the clock has caught up.
 */
export function createBreaker(provider: string, elapsed: () => number, emit: Emit): CircuitBreaker {
  let failures = 0;
  let openUntil = 0;
  let probing = false;
  let shown: Circuit = "CLOSED";

  return {
    get state() {
      return stateNow();
    },
    restMs: () => Math.max(0, openUntil - elapsed()),
    enter: () => {
      if (failures < threshold) return { leave: note };
      if (probing || elapsed() < openUntil) return undefined;
      probing = true;
      show();
      return { leave: endProbe };
    },
  };

  function endProbe(failed: boolean | undefined): void {
    probing = false;
    if (failed) openUntil = elapsed() + breakerPauseMs;
    note(failed);
  }

  /** An answer to a request that left before the circuit opened closes it as well: the provider is back. */
  function note(failed: boolean | undefined): void {
    if (failed !== undefined) failures = failed ? failures + 1 : 0;
    if (failed && failures === threshold) openUntil = elapsed() + breakerPauseMs;
    show();
  }

  function stateNow(): Circuit {
    if (failures < threshold) return "CLOSED";
    return probing ? "HALF_OPEN" : "OPEN";
  }

  function show(): void {
    if (stateNow() === shown) return;
    shown = stateNow();
    emit({ provider, event: "circuit", circuit: shown });
  }
}
