import type { OrderKey } from "../../domain/cancellation.ts";
import type { Emit } from "../../domain/events.ts";
import type { LookupResult, Outcome } from "../../domain/outcome.ts";

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
  leave(health: ProviderHealth | undefined): void;
}

/**
 * The health of the provider, judged by one exchange. `down`: no connection, no answer in time, or a gateway's status for that.
 * `unreadable`: every answer was one that tells nothing. One order may be the cause of that, so it counts once for the same orders.
 */
export type ProviderHealth = { kind: "works" } | { kind: "down" } | { kind: "unreadable"; orderIds: readonly string[] };

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

  function endProbe(health: ProviderHealth | undefined): void {
    probing = false;
    if (health && health.kind !== "works") openUntil = elapsed() + breakerPauseMs;
    note(health);
  }

  /** An answer to a request that was sent before the circuit opened closes it, too: the provider is back. */
  function note(health: ProviderHealth | undefined): void {
    if (health?.kind === "works") {
      failures = 0;
      unreadable.clear();
    } else if (health && isNews(health)) {
      failures += 1;
      if (failures === threshold) openUntil = elapsed() + breakerPauseMs;
    }
    show();
  }

  function isNews(health: ProviderHealth): boolean {
    if (health.kind !== "unreadable") return true;
    const known = unreadable.size;
    for (const orderId of health.orderIds) unreadable.add(orderId);
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

/** Judges by the answers of one exchange about these orders. One usable answer means that the provider works. */
export function providerHealth(
  answers: readonly (Outcome | LookupResult)[],
  orders: readonly OrderKey[],
): ProviderHealth {
  if (!answers.every(tellsNothing)) return { kind: "works" };
  return answers.some(saysDown)
    ? { kind: "down" }
    : { kind: "unreadable", orderIds: orders.map(({ orderId }) => orderId) };
}

function tellsNothing(answer: Outcome | LookupResult): boolean {
  switch (answer.kind) {
    case "unknown":
      return true;
    case "unanswered":
      return !answer.busy;
    case "notSent":
      return answer.code === "PROVIDER_UNAVAILABLE";
    default:
      return false;
  }
}

/** No connection, no answer in time, or a gateway's status for that (RFC 9110, 15.5.9 and 15.6.3 to 15.6.5). */
function saysDown({ failure, httpStatus }: Outcome | LookupResult): boolean {
  if (failure !== undefined) return failure !== "TOO_LARGE";
  return httpStatus !== undefined && [408, 502, 503, 504].includes(httpStatus);
}
