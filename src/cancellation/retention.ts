import { setTimeout as pause } from "node:timers/promises";
import type { Emit } from "../domain/events.ts";
import type { Ledger } from "../domain/ledger.ts";

export interface RetentionOptions {
  ledger: Pick<Ledger, "deleteSettled">;
  /** Age of settled records from which they are deleted, ms. */
  maxAgeMs: number;
  /** Time between two looks for old records, ms. */
  everyMs?: number;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  emit: Emit;
}

/** Records in one transaction: SQLite blocks the process meanwhile, for about 10 ms. */
const batchSize = 100;

/** After each batch the loop rests for so many times as long as the batch took: others get the database for most of the time. */
const restFactor = 9;

/** In the background, deletes what was settled long ago, in small batches. Several instances may do it at the same time. */
export function startRetention(options: RetentionOptions): AsyncDisposable {
  const { ledger, maxAgeMs, everyMs = 60_000, elapsed, emit } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const ended = run();

  return {
    /** Resolves when the batch under way is over. */
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await ended;
    },
  };

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await sweep().catch((error) => emit({ event: "delete-failed", error }));
      await rest(everyMs);
    }
  }

  async function sweep(): Promise<void> {
    let deleted = 0;
    let last = batchSize;
    while (last === batchSize && !signal.aborted) {
      const startedAt = elapsed();
      last = await ledger.deleteSettled({ olderThanMs: maxAgeMs, limit: batchSize });
      deleted += last;
      emit({ event: "batch-deleted", records: last });
      await rest((elapsed() - startedAt) * restFactor);
    }
    if (deleted > 0) emit({ event: "deleted", records: deleted });
  }

  async function rest(ms: number): Promise<void> {
    await pause(ms, undefined, { signal }).catch(() => {});
  }
}
