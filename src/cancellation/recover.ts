import type { Ledger } from "../domain/ledger.ts";
import type { Log } from "../domain/log.ts";
import type { Dispatcher } from "./dispatch.ts";

/**
 * The background loop: claims what is due (waits that are over, leases that ran out) and sends it down the same path as
 * a request's, oldest first. It holds only a bounded number at a time, so that new requests never queue behind a backlog.
 */
export interface Recovery {
  /** Looks again at this time (epoch ms), if that is sooner than planned. */
  wake(at: number): void;
  /** Claims nothing more; resolves when the look under way is over. */
  stop(): Promise<void>;
}

export interface RecoveryOptions {
  ledger: Ledger;
  lanes: readonly { provider: string; dispatcher: Dispatcher /** Most claims of the loop at work. */; room: number }[];
  /** Held claims are renewed this often, ms. */
  renewEveryMs: number;
  now(): number;
  log: Log;
}

/** Longest time between two looks, ms: what another instance left behind is found after this long at the latest. */
const pollMs = 1000;

export function startRecovery({ ledger, lanes, renewEveryMs, now, log }: RecoveryOptions): Recovery {
  const atWork = new Map(lanes.map(({ provider }) => [provider, 0]));
  let timer: NodeJS.Timeout | undefined;
  let nextLookAt = Number.POSITIVE_INFINITY;
  let looking: Promise<void> | undefined;
  let stopped = false;

  const renewal = setInterval(() => {
    const held = lanes.flatMap(({ dispatcher }) => [...dispatcher.claims]);
    ledger.renew(held).catch((error) => log.error({ event: "renew-failed", error }));
  }, renewEveryMs);

  wake(now());

  return {
    wake,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      clearInterval(renewal);
      await looking;
    },
  };

  function wake(at: number): void {
    if (stopped || at >= nextLookAt) return;
    nextLookAt = at;
    clearTimeout(timer);
    timer = setTimeout(look, Math.max(0, at - now()));
  }

  function look(): void {
    nextLookAt = Number.POSITIVE_INFINITY;
    // One at a time; whoever wakes it meanwhile is served right after.
    looking = (looking ?? Promise.resolve())
      .then(() => Promise.all(lanes.map(claimFor)))
      .catch((error) => log.error({ event: "claim-failed", error }))
      .then(() => wake(now() + pollMs));
  }

  async function claimFor({ provider, dispatcher, room }: RecoveryOptions["lanes"][number]): Promise<void> {
    const free = room - (atWork.get(provider) ?? 0);
    if (stopped || free <= 0) return;
    for (const claim of await ledger.claimDue(provider, free)) {
      atWork.set(provider, (atWork.get(provider) ?? 0) + 1);
      void dispatcher.dispatch(claim).then(() => {
        atWork.set(provider, (atWork.get(provider) ?? 0) - 1);
        // There may be more where that came from.
        wake(now());
      });
    }
  }
}
