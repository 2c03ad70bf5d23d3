import type { Emit } from "../domain/events.ts";

/** A call to the database that takes longer than this, ms, is slow: a healthy one takes a few ms. */
const slowMs = 1000;

/** Slow calls are told at most this often, ms: while the database is slow, all of them are. */
const everyMs = 60_000;

/** Tells of slow calls to the database: the longest one since the last time, and how many there were. */
export function watchSlowCalls(elapsed: () => number, emit: Emit): (operation: string, durationMs: number) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  let calls = 0;
  let longest = { operation: "", durationMs: 0 };

  return (operation, durationMs) => {
    if (durationMs < slowMs) return;
    calls += 1;
    if (durationMs > longest.durationMs) longest = { operation, durationMs: Math.round(durationMs) };
    if (elapsed() - toldAt < everyMs) return;
    emit({ event: "database-slow", ...longest, calls });
    toldAt = elapsed();
    calls = 0;
    longest = { operation: "", durationMs: 0 };
  };
}
