import type { Emit } from "../../domain/events.ts";

export type Circuit = "CLOSED" | "OPEN" | "HALF_OPEN";

/** Keeps requests from a provider that has failed many times in a row. */
export interface CircuitBreaker {
  readonly state: Circuit;
  /** `all`: requests may pass. `probe`: one may, to find out whether the provider works again. `none`: none may for now. */
  readonly admits: "all" | "probe" | "none";
  /** For how long no request may pass, whole ms; 0 if the next one may. */
  restMs(): number;
  /** Lets one request pass. Undefined while the circuit is open, and while it is half open and one request is under way. */
  enter(): Pass | undefined;
}

/** The permission for one request. */
export interface Pass {
  /** Must be called when the exchange ends. Undefined if nothing was sent: that says nothing about the provider. */
  leave(verdict: Verdict | undefined): void;
}

/**
 * What one exchange tells about the provider. `down`: no connection, no answer in time, or a gateway's word for that. `unreadable`: every
 * answer was one that tells nothing. One order may be the cause of that, so it counts once for the same orders.
 */
export type Verdict = { kind: "works" } | { kind: "down" } | { kind: "unreadable"; orderIds: readonly string[] };

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
  /** The orders of the unreadable answers among these failures. */
  const unreadable = new Set<string>();
  let openUntil = 0;
  let probing = false;
  let shown: Circuit = "CLOSED";

  return {
    get state() {
      return stateNow();
    },
    get admits() {
      if (failures < threshold) return "all";
      return probing || elapsed() < openUntil ? "none" : "probe";
    },
    restMs: () => Math.max(0, Math.ceil(openUntil - elapsed())),
    enter: () => {
      if (failures < threshold) return { leave: note };
      if (probing || elapsed() < openUntil) return undefined;
      probing = true;
      show();
      return { leave: endProbe };
    },
  };

  function endProbe(verdict: Verdict | undefined): void {
    probing = false;
    if (verdict && verdict.kind !== "works") openUntil = elapsed() + breakerPauseMs;
    note(verdict);
  }

  /** An answer to a request that was sent before the circuit opened closes it, too: the provider is back. */
  function note(verdict: Verdict | undefined): void {
    if (verdict?.kind === "works") {
      failures = 0;
      unreadable.clear();
    } else if (verdict && isNews(verdict)) {
      failures += 1;
      if (failures === threshold) openUntil = elapsed() + breakerPauseMs;
    }
    show();
  }

  function isNews(verdict: Verdict): boolean {
    if (verdict.kind !== "unreadable") return true;
    const known = unreadable.size;
    for (const orderId of verdict.orderIds) unreadable.add(orderId);
    return unreadable.size > known;
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
