import type { Claim } from "../../domain/cancellation.ts";
import type { Emit } from "../../domain/events.ts";
import type { ClaimOptions, Ledger } from "../../domain/ledger.ts";
import type { Writer } from "./writer.ts";

/**
 * The background loop: finds out which providers have records that are due (their wait is over, or their lease ran out), and renews
 * what is held. It also decides whether anything may be claimed at all.
 */
export interface Poller {
  /** Claims due records of one provider; none if nothing may be claimed now, or if the ledger fails. Never rejects. */
  claim(provider: string, options: Pick<ClaimOptions, "limit" | "select" | "first">): Promise<readonly Claim[]>;
  /** Looks again after this time, ms, as well. */
  wake(delayMs: number): void;
  /** Looks now: records can be claimed again. */
  look(): void;
  /** The ledger failed outside of this loop: nothing is claimed until it answers. */
  failed(error: unknown): void;
  /** Resolves when no look is under way. */
  idle(): Promise<void>;
  /** Claims nothing more. Resolves when the look under way is over. Leases are still renewed. */
  stop(): Promise<void>;
  /** Renews nothing more. */
  close(): void;
}

export interface PollerOptions {
  ledger: Pick<Ledger, "nextDue" | "claimDue" | "renew" | "check">;
  queues: readonly ProviderQueue[];
  /** While it waits for the database, nothing more is claimed. */
  writer: Pick<Writer, "behind">;
  /** Held claims are renewed this often, ms. */
  renewEveryMs: number;
  /** Longest time between two looks, ms: what another instance left behind is found after this time at the latest. */
  pollEveryMs: number;
  /** Longest time between two looks while the database does not answer, ms. */
  retryEveryMs: number;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  emit: Emit;
}

/** One provider's due records. */
export interface ProviderQueue {
  provider: string;
  /** Whether the operator paused the provider: then nothing is claimed. */
  paused(): boolean;
  /** Called when a record is due: claims it, and all others that are. */
  pull(): void;
  /** The claims in progress. */
  claims(): Iterable<Claim>;
}

/**
 * How long the database must have been reachable again before other instances' claims are taken over, ms. After an outage longer
 * than the leases all claims look abandoned. Their holders need time to write their results: up to one try that gets no answer,
 * and the wait after it. An outage shorter than the time between two renewals ends no lease.
 */
const graceMs = 10_000;

/**
 * Once the database is back, claiming waits this long for steps to be written, ms. After that it goes on, because one step that
 * can never be written must not stop everything.
 */
const writeFirstMs = 3000;

/**
 * Records that one transaction writes become due some ms apart. A look waits this long after the first of them, ms, so that they leave
 * together.
 */
const gatherMs = 20;

export function startPoller(options: PollerOptions): Poller {
  const { ledger, queues, writer, renewEveryMs, pollEveryMs, retryEveryMs, elapsed, emit } = options;
  const byProvider = new Map(queues.map((queue) => [queue.provider, queue]));
  /** Since when the database has not answered; undefined while it answers. */
  let awaySince: number | undefined = elapsed();
  /** When it answered again after the last outage that may have ended leases. */
  let reachableSince = Number.POSITIVE_INFINITY;
  /** When it answered again after the last outage of any length. */
  let backSince = 0;
  /** When the next look is, and the timer for it. */
  let lookAt = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  let stopped = false;

  const renewal = setInterval(() => {
    renew().catch(failed("renew-failed"));
  }, renewEveryMs);
  look();

  return {
    claim: async (provider, wanted) => {
      const queue = byProvider.get(provider);
      if (!queue || queue.paused() || !mayClaim()) return [];
      const held = [...queue.claims()].map(({ id }) => id);
      const takeOver = elapsed() - reachableSince >= graceMs;
      return ledger.claimDue(provider, { ...wanted, held, takeOver }).catch((error) => {
        failed("claim-failed")(error);
        return [];
      });
    },
    wake,
    look,
    failed: failed("claim-failed"),
    idle,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await idle();
    },
    close: () => clearInterval(renewal),
  };

  function wake(delayMs: number): void {
    const at = elapsed() + delayMs;
    if (stopped || at >= lookAt) return;
    clearTimeout(timer);
    lookAt = at;
    timer = setTimeout(look, Math.ceil(delayMs) + gatherMs);
  }

  function look(): void {
    if (stopped) return;
    if (looking) {
      lookAgain = true;
      return;
    }
    lookAgain = false;
    lookAt = Number.POSITIVE_INFINITY;
    clearTimeout(timer);
    looking = lookAround().finally(() => {
      looking = undefined;
      wake(awaySince !== undefined || writer.behind ? retryEveryMs : pollEveryMs);
      if (lookAgain) look();
    });
  }

  async function idle(): Promise<void> {
    while (looking) await looking;
  }

  async function lookAround(): Promise<void> {
    try {
      // First: after an outage our own leases may have run out, too.
      if (awaySince !== undefined || writer.behind) await Promise.all([renew(), ledger.check()]);
      noteReturn();
      if (!mayClaim()) return;
      const active = queues.filter(({ paused }) => !paused()).map(({ provider }) => provider);
      for (const { provider, dueInMs } of await ledger.nextDue(active)) {
        if (dueInMs > 0) wake(dueInMs);
        else byProvider.get(provider)?.pull();
      }
    } catch (error) {
      failed("claim-failed")(error);
    }
  }

  /** Results that are in hand are written first, for some time. */
  function mayClaim(): boolean {
    if (stopped || awaySince !== undefined) return false;
    return !writer.behind || elapsed() - backSince >= writeFirstMs;
  }

  function renew(): Promise<void> {
    return ledger.renew(queues.flatMap(({ claims }) => [...claims()]));
  }

  function noteReturn(): void {
    if (awaySince === undefined) return;
    const isFirst = reachableSince === Number.POSITIVE_INFINITY;
    if (isFirst || elapsed() - awaySince >= renewEveryMs) reachableSince = elapsed();
    awaySince = undefined;
    backSince = elapsed();
  }

  function failed(event: "claim-failed" | "renew-failed") {
    return (error: unknown): void => {
      awaySince ??= elapsed();
      emit({ event, error });
      wake(retryEveryMs);
    };
  }
}
