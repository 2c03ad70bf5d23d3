import type { Ledger } from "../domain/ledger.ts";

/** The same ledger. `observe` is told how long each call took in ms, whether it resolved or rejected. */
export function timeCalls(
  ledger: Ledger,
  observe: (call: string, durationMs: number) => void,
  elapsed: () => number,
): Ledger {
  const timed = callsOf(ledger).map((name) => {
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
  return { ...ledger, ...Object.fromEntries(timed) };
}

/** The names of all methods that ask the database something. */
export function callsOf(ledger: Ledger): (keyof Ledger)[] {
  const names = Object.keys(ledger) as (keyof Ledger)[];
  return names.filter((name) => !/^on[A-Z]|^close$/.test(name));
}
