import type { Claim } from "../domain/cancellation.ts";
import type { Ledger } from "../domain/ledger.ts";
import type { Log } from "../domain/log.ts";

/**
 * The background loop: claims what is due (waits that are over, leases that ran out) and sends it down the same path as
 * a request's, oldest first. It holds only a bounded number at a time, so that new requests never queue behind a backlog.
 */
export interface Recovery {
  /** Looks at this time too, epoch ms. */
  wake(at: number): void;
  /** Claims nothing more; resolves when the look under way is over. */
  stop(): Promise<void>;
}

export interface RecoveryOptions {
  ledger: Ledger;
  lanes: readonly Lane[];
  /** Held claims are renewed this often, ms. */
  renewEveryMs: number;
  now(): number;
  log: Log;
}

/** One provider's work. */
export interface Lane {
  provider: string;
  /** Most claims of the loop at work. */
  room: number;
  /** Resolves once the step is taken; never rejects. */
  dispatch(claim: Claim): Promise<void>;
  /** Claims in hand, of the loop and of requests. */
  claims(): Iterable<Claim>;
}

/** Longest time between two looks, ms: what another instance left behind is found after this long at the latest. */
const pollMs = 1000;

/** What is due beyond this many known times is found by polling. */
const mostWakeUps = 1000;

export function startRecovery({ ledger, lanes, renewEveryMs, now, log }: RecoveryOptions): Recovery {
  const atWork = new Map(lanes.map(({ provider }) => [provider, 0]));
  const wakeUps = new Map<number, NodeJS.Timeout>();
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  let stopped = false;

  const polling = setInterval(look, pollMs);
  const renewal = setInterval(() => {
    const held = lanes.flatMap(({ claims }) => [...claims()]);
    ledger.renew(held).catch((error) => log.error({ event: "renew-failed", error }));
  }, renewEveryMs);
  look();

  return {
    wake: (at) => {
      if (stopped || wakeUps.has(at) || wakeUps.size >= mostWakeUps) return;
      // A timer may fire a millisecond before the clock shows its time.
      const timer = setTimeout(look, Math.max(0, at - now()) + 1).unref();
      wakeUps.set(at, timer);
    },
    stop: async () => {
      stopped = true;
      for (const timer of [polling, renewal, ...wakeUps.values()]) clearTimeout(timer);
      await looking;
    },
  };

  function look(): void {
    for (const at of wakeUps.keys()) if (at <= now()) wakeUps.delete(at);
    if (looking) {
      lookAgain = true;
      return;
    }
    lookAgain = false;
    looking = Promise.allSettled(lanes.map(claimFor)).then((results) => {
      for (const result of results) {
        if (result.status === "rejected") log.error({ event: "claim-failed", error: result.reason });
      }
      looking = undefined;
      if (lookAgain && !stopped) look();
    });
  }

  async function claimFor({ provider, room, dispatch }: Lane): Promise<void> {
    const free = room - (atWork.get(provider) ?? 0);
    if (stopped || free <= 0) return;
    for (const claim of await ledger.claimDue(provider, free)) {
      atWork.set(provider, (atWork.get(provider) ?? 0) + 1);
      void dispatch(claim).then(() => {
        atWork.set(provider, (atWork.get(provider) ?? 0) - 1);
        // There may be more where that came from.
        look();
      });
    }
  }
}
