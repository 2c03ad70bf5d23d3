import type { Ledger } from "../../domain/ledger.ts";
import type { Alarm } from "../../util/alarm.ts";
import type { Consumer } from "./consumer.ts";
import type { DatabaseHealth } from "./database-health.ts";

/**
 * The background loop. When the alarm rings it finds out which providers have records that are due (their wait is over, or their
 * lease ran out). It also renews what is held, until it is disposed.
 */
export interface Scheduler extends Disposable {
  /** Resolves when the last poll is over, after the signal. Leases are still renewed. */
  readonly ended: Promise<void>;
}

export interface SchedulerOptions {
  ledger: Pick<Ledger, "nextDue" | "renew" | "check">;
  consumers: readonly Pick<Consumer, "provider" | "paused" | "pull" | "held">[];
  alarm: Alarm;
  health: DatabaseHealth;
  /** Held claims are renewed this often, ms. */
  renewEveryMs: number;
  /** Longest time between two polls, ms: what another instance left behind is found after this time at the latest. */
  pollEveryMs: number;
  /** Longest time between two polls while the database does not answer, ms. */
  retryEveryMs: number;
  /** Aborted when nothing more may be claimed. */
  signal: AbortSignal;
}

export function startScheduler(options: SchedulerOptions): Scheduler {
  const { ledger, consumers, alarm, health, renewEveryMs, pollEveryMs, retryEveryMs, signal } = options;
  const byProvider = Map.groupBy(consumers, ({ provider }) => provider);
  signal.addEventListener("abort", alarm.now);
  const renewal = setInterval(() => {
    renew().catch((error) => health.failed("renew-failed", error));
  }, renewEveryMs);
  const ended = pollUntilEnd();

  return {
    ended,
    [Symbol.dispose]: () => clearInterval(renewal),
  };

  async function pollUntilEnd(): Promise<void> {
    while (!signal.aborted) {
      await poll().catch((error) => health.failed("claim-failed", error));
      alarm.in(health.well ? pollEveryMs : retryEveryMs);
      await alarm.rung();
    }
  }

  async function poll(): Promise<void> {
    // First: after an outage our own leases may have run out, too.
    if (!health.well) await Promise.all([renew(), ledger.check()]);
    health.answered();
    if (signal.aborted || !health.mayClaim) return;
    const active = consumers.filter((consumer) => !consumer.paused()).map(({ provider }) => provider);
    for (const { provider, dueInMs } of await ledger.nextDue([...new Set(active)])) {
      if (dueInMs > 0) alarm.in(dueInMs);
      else for (const consumer of byProvider.get(provider) ?? []) consumer.pull();
    }
  }

  function renew(): Promise<void> {
    return ledger.renew(consumers.flatMap(({ held }) => [...held]));
  }
}
