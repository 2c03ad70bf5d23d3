import type { Clock } from "../../domain/clock.ts";

/** Tells the time that people read, and does not step with it until it is told to. */
export interface SteadyClock {
  /** Epoch ms. */
  now(): number;
  /** By how many ms the time that people read has stepped since; 0 almost always. */
  stepMs(): number;
  /** Follows a step. */
  follow(stepMs: number): void;
}

/** A clock that is only adjusted gains or loses far less than this between two looks at it, ms. */
const smallestStepMs = 200;

export function createSteadyClock(clock: Clock): SteadyClock {
  let offsetMs = clock.now() - clock.elapsed();
  return {
    now: () => Math.round(clock.elapsed() + offsetMs),
    stepMs: () => {
      const driftMs = clock.now() - clock.elapsed() - offsetMs;
      if (Math.abs(driftMs) >= smallestStepMs) return Math.round(driftMs);
      offsetMs += driftMs;
      return 0;
    },
    follow: (stepMs) => {
      offsetMs += stepMs;
    },
  };
}
