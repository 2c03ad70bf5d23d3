import type { Ledger } from "../domain/ledger.ts";

type Call = Exclude<keyof Ledger, "onChange" | "onGap" | "onHearing" | "readAgainMs" | "close">;

/** The methods that ask the database something. A record, so that the compiler misses none. */
const timed: Readonly<Record<Call, true>> = {
  open: true,
  read: true,
  history: true,
  page: true,
  backlog: true,
  unconfirmed: true,
  resolve: true,
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

/** The same ledger. `observe` is told how long each call took in ms, whether it resolved or rejected. */
export function timeCalls(
  ledger: Ledger,
  observe: (call: string, durationMs: number) => void,
  elapsed: () => number,
): Ledger {
  const calls = databaseCalls.map((name) => {
    const call = ledger[name] as (...given: unknown[]) => Promise<unknown>;
    return [
      name,
      async (...given: unknown[]) => {
        const startedAt = elapsed();
        try {
          return await call(...given);
        } finally {
          observe(name, elapsed() - startedAt);
        }
      },
    ];
  });
  return { ...ledger, ...Object.fromEntries(calls) };
}
