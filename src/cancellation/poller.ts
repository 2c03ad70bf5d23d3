import type { Claim } from "../domain/cancellation.ts";
import type { Emit } from "../domain/events.ts";
import type { Ledger } from "../domain/ledger.ts";
import type { Writer } from "./writer.ts";

/**
 * The background loop: claims the records that are due (their wait is over, or their lease ran out) and dispatches them as a
 * GraphQL request does, oldest first. It holds a bounded number at a time, so that new requests never wait behind a backlog.
 */
export interface Poller {
  /** Looks again after this time, ms, as well. */
  wake(delayMs: number): void;
  /** Looks now: a record was added that nobody has claimed, or records can be claimed again. */
  look(): void;
  /** Resolves when no look is under way. */
  idle(): Promise<void>;
  /** Claims nothing more. Resolves when the look under way is over. Leases are still renewed. */
  stop(): Promise<void>;
  /** Renews nothing more. */
  close(): void;
}

export interface PollerOptions {
  ledger: Pick<Ledger, "claimDue" | "renew" | "check">;
  queues: readonly ProviderQueue[];
  /** While it waits for the database, nothing more is claimed. */
  writer: Pick<Writer, "behind">;
  /** Held claims are renewed this often, ms. */
  renewEveryMs: number;
  /** Longest time between two looks, ms: what another instance left behind is found after this time at the latest. */
  pollEveryMs: number;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  emit: Emit;
}

/** How one provider's due records are claimed and dispatched. */
export interface ProviderQueue {
  provider: string;
  /** Whether the operator paused the provider: then nothing is claimed. */
  paused: boolean;
  /** Most claims of this loop in progress at once. */
  room: number;
  /** Resolves when the step is over; never rejects. */
  dispatch(claim: Claim): Promise<void>;
  /** The claims in progress, from this loop and from requests. */
  claims(): Iterable<Claim>;
}

/** Most timers at once. Records that are due at other times are found by polling. */
const mostWakeUps = 1000;

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

export function startPoller({
  ledger,
  queues,
  writer,
  renewEveryMs,
  pollEveryMs,
  elapsed,
  emit,
}: PollerOptions): Poller {
  const atWork = new Map(queues.map(({ provider }) => [provider, 0]));
  const wakeUps = new Map<number, NodeJS.Timeout>();
  /** Since when the database has not answered; undefined while it answers. */
  let awaySince: number | undefined = elapsed();
  /** When it answered again after the last outage that may have ended leases. */
  let reachableSince = Number.POSITIVE_INFINITY;
  /** When it answered again after the last outage of any length. */
  let backSince = 0;
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  let stopped = false;

  const polling = setInterval(look, pollEveryMs);
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
        // First: after an outage our own leases may have run out, too.
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
        // More records may be due.
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
