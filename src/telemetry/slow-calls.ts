import type { Emit } from "../domain/events.ts";
import { atMostEvery } from "../util/at-most-every.ts";

/** A call to the database that takes longer than this, ms, is slow: a healthy one takes a few ms. */
const slowMs = 1000;

/** Slow calls are reported at most this often, ms: while the database is slow, all of them are. */
const everyMs = 60_000;

/** Reports slow calls to the database: the longest one since the last report, and how many there were. */
export function watchSlowCalls(emit: Emit): (operation: string, durationMs: number) => void {
  let calls = 0;
  let longest = { operation: "", durationMs: 0 };
  const report = atMostEvery(everyMs, () => {
    emit({ event: "database-slow", ...longest, calls });
    calls = 0;
    longest = { operation: "", durationMs: 0 };
  });

  return (operation, durationMs) => {
    if (durationMs < slowMs) return;
    calls += 1;
    if (durationMs > longest.durationMs) longest = { operation, durationMs: Math.round(durationMs) };
    report();
  };
}
