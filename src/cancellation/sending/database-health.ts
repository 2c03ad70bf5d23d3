import type { Emit } from "../../domain/events.ts";
import type { Alarm } from "../../util/alarm.ts";

/** Whether the database answers, and what may be claimed because of that. Those that use the ledger report to it. */
export interface DatabaseHealth {
  /** A call failed: nothing is claimed until the scheduler finds that the database answers. */
  failed(event: "claim-failed" | "renew-failed", error: unknown): void;
  /** The database answers. */
  answered(): void;
  /** Whether a result or a release waits to be written. The writer says so. */
  writesWait: boolean;
  /** Whether all is well. If not, the scheduler looks more often, and renews first. */
  readonly well: boolean;
  /** Whether anything may be claimed at all. */
  readonly mayClaim: boolean;
  /** Whether records may be claimed whose holders let their leases run out. */
  readonly mayTakeOver: boolean;
}

export interface DatabaseHealthOptions {
  alarm: Pick<Alarm, "in">;
  /** Held claims are renewed this often, ms. */
  renewEveryMs: number;
  /** Longest time until the scheduler looks again while the database does not answer, ms. */
  retryEveryMs: number;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  emit: Emit;
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

/** Until the first answer the database counts as away. */
export function createDatabaseHealth(options: DatabaseHealthOptions): DatabaseHealth {
  const { alarm, renewEveryMs, retryEveryMs, elapsed, emit } = options;
  /** Since when the database has not answered; undefined while it answers. */
  let awaySince: number | undefined = elapsed();
  /** When it answered again after the last outage that may have ended leases. */
  let reachableSince = Number.POSITIVE_INFINITY;
  /** When it answered again after the last outage of any length. */
  let backSince = 0;

  return {
    failed: (event, error) => {
      awaySince ??= elapsed();
      emit({ event, error });
      alarm.in(retryEveryMs);
    },
    answered: () => {
      if (awaySince === undefined) return;
      const isFirst = reachableSince === Number.POSITIVE_INFINITY;
      if (isFirst || elapsed() - awaySince >= renewEveryMs) reachableSince = elapsed();
      awaySince = undefined;
      backSince = elapsed();
    },
    writesWait: false,
    get well() {
      return awaySince === undefined && !this.writesWait;
    },
    get mayClaim() {
      return awaySince === undefined && (!this.writesWait || elapsed() - backSince >= writeFirstMs);
    },
    get mayTakeOver() {
      return elapsed() - reachableSince >= graceMs;
    },
  };
}
