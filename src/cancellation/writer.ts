import { setTimeout as pause } from "node:timers/promises";
import type { Claim } from "../domain/cancellation.ts";
import type { Emit } from "../domain/events.ts";
import type { Ledger, Step } from "../domain/ledger.ts";
import { tally } from "./tally.ts";

/** Tells the ledger what became of records in hand, for as long as the database is away. */
export interface Writer {
  /** Resolves once these steps are written. Rejects only if one more try after the signal fails: then the leases run out. */
  write(provider: string, steps: readonly Step[]): Promise<void>;
  /** Lets these records go, many in one statement. Rejects as `write` does. */
  release(claims: readonly Claim[]): Promise<void>;
  /** Resolves when nothing is being told. */
  idle(): Promise<void>;
  /** Whether something in hand waits for the database: then nothing more is claimed. */
  readonly behind: boolean;
}

export interface WriterOptions {
  ledger: Pick<Ledger, "write" | "release">;
  /** Called when nothing waits for the database any more. */
  onCaughtUp(): void;
  /** Aborted when it is time for the last try. */
  signal: AbortSignal;
  emit: Emit;
}

/** Waits before the next try while the database is away, ms; the last one repeats. */
const delaysMs = [100, 500, 1000];

export function createWriter({ ledger, onCaughtUp, signal, emit }: WriterOptions): Writer {
  const underWay = new Set<Promise<unknown>>();
  /** What failed once, and what came after it. */
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

  /** A stop lets go of many at once: all that come before the next turn go together. */
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
   * One try at a time while the database is away: on SQLite each try holds up the process. After the first that succeeds all
   * others go at once. What fails goes to the end of the line, so that something which can never be written holds up nothing
   * else. The signal ends the waits, and then everything gets one more try.
   *
   * Repeating is safe: if another instance has taken a record over meanwhile, the guarded update writes nothing.
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
