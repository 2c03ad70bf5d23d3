import type { Claim } from "../domain/cancellation.ts";
import type { Emit } from "../domain/events.ts";
import type { Ledger } from "../domain/ledger.ts";
import type { Writer } from "./writer.ts";

/**
 * The background loop: claims what is due (waits that are over, leases that ran out) and sends it down the same path as
 * a request's, oldest first. It holds only a bounded number at a time, so that new requests never queue behind a backlog.
 */
export interface Poller {
  /** Looks in so many ms, too. */
  wake(delayMs: number): void;
  /** Looks now: something was recorded that nobody has claimed, or can be claimed again. */
  look(): void;
  /** Resolves when no look is under way. */
  idle(): Promise<void>;
  /** Claims nothing more; resolves when the look under way is over. What is held is still renewed. */
  stop(): Promise<void>;
  /** Renews nothing more. */
  close(): void;
}

export interface PollerOptions {
  ledger: Pick<Ledger, "claimDue" | "renew" | "check">;
  queues: readonly ProviderQueue[];
  /** What waits for the database is written before anything is claimed. */
  writer: Pick<Writer, "behind">;
  /** Held claims are renewed this often, ms. */
  renewEveryMs: number;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  emit: Emit;
}

/** One provider's due records, and where they go. */
export interface ProviderQueue {
  provider: string;
  /** Nothing is claimed. */
  paused: boolean;
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

/**
 * How long the database needs to have been there again before other instances' claims are taken over, ms. After an outage
 * longer than the leases all of them look abandoned, and their holders need some time to write what they know: up to one try
 * that gets no answer, and the wait after it. An outage shorter than the time between two renewals ends no lease.
 */
const graceMs = 10_000;

/** How long claiming waits for outcomes to be written once the database is back, ms: one that cannot be must not stop all. */
const writeFirstMs = 3000;

export function startPoller({ ledger, queues, writer, renewEveryMs, elapsed, emit }: PollerOptions): Poller {
  const atWork = new Map(queues.map(({ provider }) => [provider, 0]));
  const wakeUps = new Map<number, NodeJS.Timeout>();
  /** Since when the database has not answered; undefined if it has. */
  let awaySince: number | undefined = elapsed();
  /** Since when it has, after an outage that may have ended leases. */
  let reachableSince = Number.POSITIVE_INFINITY;
  /** Since when it has, after an outage of any length. */
  let backSince = 0;
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  let stopped = false;

  const polling = setInterval(look, pollMs);
  const renewal = setInterval(() => {
    renew().catch((error) => fail("renew-failed", error));
  }, renewEveryMs);
  look();

  return {
    wake: (delayMs) => {
      const at = Math.ceil(elapsed() + delayMs);
      if (stopped || wakeUps.has(at) || wakeUps.size >= mostWakeUps) return;
      // A timer may fire a millisecond before the ledger's clock shows its time.
      const timer = setTimeout(() => {
        wakeUps.delete(at);
        look();
      }, delayMs + 1).unref();
      wakeUps.set(at, timer);
    },
    look,
    idle,
    stop: async () => {
      stopped = true;
      for (const timer of [polling, ...wakeUps.values()]) clearTimeout(timer);
      await idle();
    },
    close: () => clearInterval(renewal),
  };

  function look(): void {
    if (stopped) return;
    if (looking) {
      lookAgain = true;
      return;
    }
    lookAgain = false;
    looking = claimAll().finally(() => {
      looking = undefined;
      if (lookAgain) look();
    });
  }

  async function idle(): Promise<void> {
    while (looking) await looking;
  }

  async function claimAll(): Promise<void> {
    if (awaySince !== undefined || writer.behind) {
      try {
        // Before anything else: after an outage our own leases have run out as well.
        await Promise.all([renew(), ledger.check()]);
      } catch (error) {
        return fail("claim-failed", error);
      }
      noteReturn();
    }
    if (writer.behind && elapsed() - backSince < writeFirstMs) return;
    const takeOver = elapsed() - reachableSince >= graceMs;
    for (const result of await Promise.allSettled(queues.map((queue) => claimFor(queue, takeOver)))) {
      if (result.status === "rejected") fail("claim-failed", result.reason);
    }
  }

  async function claimFor(
    { provider, paused, room, dispatch, claims }: ProviderQueue,
    takeOver: boolean,
  ): Promise<void> {
    const limit = room - (atWork.get(provider) ?? 0);
    if (stopped || paused || limit <= 0) return;
    const held = [...claims()].map(({ id }) => id);
    for (const claim of await ledger.claimDue(provider, { limit, held, takeOver })) {
      atWork.set(provider, (atWork.get(provider) ?? 0) + 1);
      void dispatch(claim).then(() => {
        atWork.set(provider, (atWork.get(provider) ?? 0) - 1);
        // There may be more where that came from.
        look();
      });
    }
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

  function fail(event: "claim-failed" | "renew-failed", error: unknown): void {
    awaySince ??= elapsed();
    emit({ event, error });
  }
}
