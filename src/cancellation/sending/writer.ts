import { setTimeout as pause } from "node:timers/promises";
import type { Claim } from "../../domain/cancellation.ts";
import type { Emit } from "../../domain/events.ts";
import type { Ledger, Step } from "../../domain/ledger.ts";
import { tally } from "./tally.ts";

/**
 * Writes the results of steps to the ledger, and releases records. Retries until the database is back. This is safe: the poller
 * renews the leases meanwhile, and if another instance has taken a record over, the guarded update writes nothing.
 */
export interface Writer {
  /** Resolves when these steps are written. Rejects only if the last try, after the signal, fails: then the leases run out. */
  write(provider: string, steps: readonly Step[]): Promise<void>;
  /** Releases these records, many in one statement. Rejects as `write` does. */
  release(claims: readonly Claim[]): Promise<void>;
  /** Resolves when no write or release is under way. */
  idle(): Promise<void>;
  /** Whether a write or release waits for the database: then nothing more is claimed. */
  readonly behind: boolean;
}

export interface WriterOptions {
  ledger: Pick<Ledger, "write" | "release">;
  /** Called when no write or release waits any more. */
  onCaughtUp(): void;
  /** Aborted when it is time for the last try. */
  signal: AbortSignal;
  emit: Emit;
}

/** Waits before the next try while the database is unreachable, ms; the last one repeats. */
const delaysMs = [100, 500, 1000];

export function createWriter({ ledger, onCaughtUp, signal, emit }: WriterOptions): Writer {
  const underWay = new Set<Promise<unknown>>();
  /** The jobs that failed, and those that came after them. */
  const waiting: Job[] = [];
  let catchingUp = false;
  let released: { claims: Claim[]; done: Promise<void> } | undefined;

  return {
    write: async (provider, steps) => {
      if (steps.length === 0) return;
      const written = await tell(() => ledger.write(steps));
      const ends = written.map(({ progress }) => progress.status).filter((status) => status !== "PENDING");
      if (ends.length > 0) emit({ provider, event: "settled", orders: ends.length, outcomes: tally(ends) });
      const lost = steps.length - written.length;
      if (lost > 0) emit({ provider, event: "taken-over", orders: lost });
    },

    release: (claims) => {
      released ??= { claims: [], done: releaseGathered() };
      released.claims.push(...claims);
      return released.done;
    },

    idle: async () => {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },

    get behind() {
      return catchingUp;
    },
  };

  /** A stop releases many claims at once: all that come before the next turn of the event loop go into one statement. */
  async function releaseGathered(): Promise<void> {
    await new Promise(setImmediate);
    const claims = released?.claims ?? [];
    released = undefined;
    await tell(() => ledger.release(claims));
  }

  function tell<T>(run: () => Promise<T>): Promise<T> {
    const told = catchingUp ? later(run) : run().catch((error) => later(run, error));
    underWay.add(told);
    const forget = () => underWay.delete(told);
    told.then(forget, forget);
    return told;
  }

  function later<T>(run: () => Promise<T>, error?: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      waiting.push({ run, resolve: resolve as Job["resolve"], reject });
      if (!catchingUp) void catchUp(error);
    });
  }

  /**
   * Tries one job at a time while the database is away: on SQLite each try blocks the process. After the first success all other
   * jobs run at once. A job that fails goes to the end of the queue, so that a job which can never be written does not stop the
   * others. The signal ends the waits, and then each job gets one more try.
   */
  async function catchUp(error: unknown): Promise<void> {
    catchingUp = true;
    let failures = 1;
    await rest(error, failures);
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      const isLast = signal.aborted;
      const failure = await tryAgain(job, isLast);
      if (failure === undefined) {
        failures = 0;
        await Promise.all(waiting.splice(0).map((each) => tryAgain(each, isLast)));
      } else if (!isLast) {
        failures += 1;
        await rest(failure.error, failures);
      }
    }
    catchingUp = false;
    onCaughtUp();
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

  async function rest(error: unknown, failures: number): Promise<void> {
    emit({ event: "write-failed", waiting: waiting.length, error });
    await pause(delaysMs[Math.min(failures, delaysMs.length) - 1], undefined, { signal }).catch(() => {});
  }
}

interface Job {
  run(): Promise<unknown>;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}
