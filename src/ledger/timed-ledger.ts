import type { Emit } from "../domain/events.ts";
import type { Ledger } from "../domain/ledger.ts";
import { atMostEvery } from "../util/at-most-every.ts";

type Call = Exclude<keyof Ledger, "onChange" | "onGap" | "onHearing" | "readAgainMs" | "close">;

/** The methods that ask the database something. A record, so that the compiler misses none. */
const timed: Readonly<Record<Call, true>> = {
  open: true,
  read: true,
  history: true,
  page: true,
  backlog: true,
  unconfirmed: true,
  counts: true,
  settledByMinute: true,
  resolve: true,
  recordLookups: true,
  deleteSettled: true,
  nextDue: true,
  claimDue: true,
  markSent: true,
  write: true,
  release: true,
  renew: true,
  takeSlot: true,
  releaseSlot: true,
  pauses: true,
  setPaused: true,
  bindEnvironments: true,
  check: true,
  claimAnnouncements: true,
  deleteAnnouncement: true,
  postponeAnnouncement: true,
  releaseAnnouncement: true,
  undelivered: true,
};

export const databaseCalls = Object.keys(timed) as readonly Call[];

/** A call that takes longer than this, ms, is slow: a healthy one takes a few ms. */
const slowMs = 1000;

/** Slow calls are reported at most this often, ms: while the database is slow, all of them are. */
const everyMs = 60_000;

/** The same ledger. It emits how long each call took, whether it resolved or rejected. */
export function timeCalls(ledger: Ledger, emit: Emit, elapsed: () => number): Ledger {
  const noteSlow = slowCalls(emit);
  const calls = databaseCalls.map((name) => {
    const call = ledger[name] as (...given: unknown[]) => Promise<unknown>;
    return [
      name,
      async (...given: unknown[]) => {
        const startedAt = elapsed();
        try {
          return await call(...given);
        } finally {
          const durationMs = elapsed() - startedAt;
          emit({ event: "database-call", operation: name, durationMs });
          noteSlow(name, durationMs);
        }
      },
    ];
  });
  return { ...ledger, ...Object.fromEntries(calls) };
}

/** Reports the longest slow call since the last report, and how many there were. */
function slowCalls(emit: Emit): (operation: string, durationMs: number) => void {
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
