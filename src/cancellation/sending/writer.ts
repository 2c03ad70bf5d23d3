import type { Claim } from "../../domain/cancellation.ts";
import type { Emit } from "../../domain/events.ts";
import type { Ledger, Transition } from "../../domain/ledger.ts";
import type { Alarm } from "../../util/alarm.ts";
import { backoff } from "../../util/backoff.ts";
import type { DatabaseHealth } from "./database-health.ts";
import { tally } from "./exchange.ts";

/**
 * Writes the results of transitions to the ledger, and releases records. Retries until the database is back. This is safe: the scheduler
 * renews the leases meanwhile, and if another instance has taken a record over, the guarded update writes nothing.
 */
export interface Writer {
  /** Resolves when these transitions are written. Rejects only if the last try, after the signal, fails: then the leases run out. */
  write(provider: string, transitions: readonly Transition[]): Promise<void>;
  /** Releases these records, many in one statement. Rejects as `write` does. */
  release(claims: readonly Claim[]): Promise<void>;
  /** Resolves when no write or release is under way. */
  idle(): Promise<void>;
}

export interface WriterOptions {
  ledger: Pick<Ledger, "write" | "release">;
  /** Set for each record that waits for its next step, and when no write or release waits any more. */
  alarm: Pick<Alarm, "now" | "in">;
  /** Hears whether a write or release waits for the database. */
  health: Pick<DatabaseHealth, "writesWait">;
  /** Aborted when it is time for the last try. */
  signal: AbortSignal;
  emit: Emit;
}

/** Waits before the next try while the database is unreachable, ms; the last one repeats. */
const delaysMs = [100, 500, 1000];

export function createWriter({ ledger, alarm, health, signal, emit }: WriterOptions): Writer {
  const underWay = new Set<Promise<unknown>>();
  /** The jobs that failed, and those that came after them. */
  const waiting: Job[] = [];
  const retries = backoff(delaysMs, signal);
  let released: { claims: Claim[]; done: Promise<void> } | undefined;

  return {
    write: async (provider, transitions) => {
      if (transitions.length === 0) return;
      const written = await retry(() => ledger.write(transitions));
      const ends = written.map(({ progress }) => progress.status).filter((status) => status !== "PENDING");
      if (ends.length > 0) emit({ provider, event: "settled", orders: ends.length, outcomes: tally(ends) });
      const lost = transitions.length - written.length;
      if (lost > 0) emit({ provider, event: "taken-over", orders: lost });
      for (const { progress } of transitions) if (progress.delayMs !== null) alarm.in(progress.delayMs);
    },

    release: (claims) => {
      released ??= { claims: [], done: releaseGathered() };
      released.claims.push(...claims);
      return released.done;
    },

    idle: async () => {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };

  /** A stop releases many claims at once: all that come before the next turn of the event loop go into one statement. */
  async function releaseGathered(): Promise<void> {
    await new Promise(setImmediate);
    const claims = released?.claims ?? [];
    released = undefined;
    await retry(() => ledger.release(claims));
  }

  function retry<T>(run: () => Promise<T>): Promise<T> {
    const done = health.writesWait ? later(run) : run().catch((error) => later(run, error));
    underWay.add(done);
    const forget = () => underWay.delete(done);
    done.then(forget, forget);
    return done;
  }

  function later<T>(run: () => Promise<T>, error?: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      waiting.push({ run, resolve: resolve as Job["resolve"], reject });
      if (!health.writesWait) void catchUp(error);
    });
  }

  /**
   * While the database is away, retries one job at a time, because each try blocks the process on SQLite. After the first success all other
   * jobs run at once. A job that fails goes to the end of the queue, so that a job which can never be written does not stop the
   * others. The signal ends the waits, and then each job gets one more try.
   */
  async function catchUp(error: unknown): Promise<void> {
    health.writesWait = true;
    retries.reset();
    await rest(error);
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      const isLast = signal.aborted;
      const failure = await tryAgain(job, isLast);
      if (failure === undefined) {
        retries.reset();
        await Promise.all(waiting.splice(0).map((each) => tryAgain(each, isLast)));
      } else if (!isLast) {
        await rest(failure.error);
      }
    }
    health.writesWait = false;
    alarm.now();
  }

  /** Resolves with the error if the job has to wait for another try. */
  async function tryAgain(job: Job, isLast: boolean): Promise<{ error: unknown } | undefined> {
    try {
      job.resolve(await job.run());
      return undefined;
    } catch (error) {
      if (isLast) job.reject(error);
      else waiting.push(job);
      return { error };
    }
  }

  async function rest(error: unknown): Promise<void> {
    emit({ event: "write-failed", waiting: waiting.length, error });
    await retries.wait();
  }
}

interface Job {
  run(): Promise<unknown>;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}
