import { setTimeout as pause } from "node:timers/promises";

/** The waits between tries. */
export interface Backoff {
  /** Waits for the next of the delays; the last one repeats. It never rejects. */
  wait(): Promise<void>;
  /** A try succeeded: the first delay is the next one again. */
  reset(): void;
}

/** The signal ends each wait at once. */
export function backoff(delaysMs: readonly number[], signal: AbortSignal): Backoff {
  let waits = 0;
  return {
    wait: async () => {
      const delayMs = delaysMs[Math.min(waits, delaysMs.length - 1)];
      waits += 1;
      await pause(delayMs, undefined, { signal }).catch(() => {});
    },
    reset: () => {
      waits = 0;
    },
  };
}
