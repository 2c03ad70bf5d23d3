import { setTimeout as pause } from "node:timers/promises";
import type { Claim } from "../domain/cancellation.ts";
import type { Ledger, Step } from "../domain/ledger.ts";
import type { Log } from "../domain/log.ts";
import { tally } from "./tally.ts";

/** Tells the ledger what became of records in hand, for as long as the database is away. */
export interface Writer {
  /** Resolves once these steps are written. Rejects only after the signal: then the leases run out. */
  write(provider: string, steps: readonly Step[]): Promise<void>;
  /** Lets these records go, many in one statement. Rejects as `write` does. */
  release(claims: readonly Claim[]): Promise<void>;
  /** Whether something in hand waits for the database: then nothing more is claimed. */
  readonly behind: boolean;
}

export interface WriterOptions {
  ledger: Pick<Ledger, "write" | "release">;
  /** Called when nothing waits for the database any more. */
  onCaughtUp(): void;
  /** Aborted when nothing more can be written. */
  signal: AbortSignal;
  log: Log;
}

/** Waits before something is written again while the database is away, ms; the last one repeats. */
const delaysMs = [100, 500, 1000];

export function createWriter({ ledger, onCaughtUp, signal, log }: WriterOptions): Writer {
  let waiting = 0;
  let released: { claims: Claim[]; done: Promise<void> } | undefined;

  return {
    write: async (provider, steps) => {
      if (steps.length === 0) return;
      const written = await untilDone(provider, () => ledger.write(steps));
      const ends = written.map(({ progress }) => progress.status).filter((status) => status !== "PENDING");
      if (ends.length > 0) log.info({ provider, event: "settled", orders: ends.length, outcomes: tally(ends) });
      const lost = steps.length - written.length;
      if (lost > 0) log.warn({ provider, event: "taken-over", orders: lost });
    },

    release: (claims) => {
      released ??= { claims: [], done: releaseGathered() };
      released.claims.push(...claims);
      return released.done;
    },

    get behind() {
      return waiting > 0;
    },
  };

  /** A stop lets go of many at once: all that come before the next turn go together. */
  async function releaseGathered(): Promise<void> {
    await new Promise(setImmediate);
    const claims = released?.claims ?? [];
    released = undefined;
    await untilDone(undefined, () => ledger.release(claims));
  }

  /**
   * Tries until the database is back. This is safe: if another instance has taken a record over meanwhile, the guarded update
   * writes nothing.
   */
  async function untilDone<T>(provider: string | undefined, run: () => Promise<T>): Promise<T> {
    let late = false;
    try {
      for (let tries = 0; ; tries += 1) {
        try {
          return await run();
        } catch (error) {
          if (!late) waiting += 1;
          late = true;
          if (signal.aborted) throw error;
          log.error({ event: "write-failed", ...(provider === undefined ? {} : { provider }), error });
          await pause(delaysMs[Math.min(tries, delaysMs.length - 1)], undefined, { signal });
        }
      }
    } finally {
      if (late) waiting -= 1;
      if (late && waiting === 0) onCaughtUp();
    }
  }
}
