import type { Emit } from "../domain/events.ts";

export type Circuit = "CLOSED" | "OPEN" | "HALF_OPEN";

/** Keeps requests from a provider that has failed many times in a row. */
export interface CircuitBreaker {
  readonly state: Circuit;
  /** For how long no request may pass, ms; 0 if the next one may. */
  restMs(): number;
  /** Lets one request pass. Undefined while the circuit is open, and while it is half open and one request is under way. */
  enter(): Pass | undefined;
}

/** The permission for one request. */
export interface Pass {
  /** Must be called when the exchange ends. `failed` is undefined if nothing was sent: that says nothing about the provider. */
  leave(failed: boolean | undefined): void;
}

/**
 * After how many failures in a row nothing is sent, and for how long, ms; then one request tries again. Ten is one burst to a
 * provider that hangs. Five seconds are less than a mutation waits.
 */
const threshold = 10;
export const breakerPauseMs = 5000;

/**
 * Opens after consecutive failures. A rule about a share of failures needs more requests than people's cancels make. The pause
 * is measured with a clock that never goes back. With the wall clock, the circuit would stay open for longer whenever that clock
 * is set back.
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

  /** An answer to a request that was sent before the circuit opened closes it, too: the provider is back. */
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
