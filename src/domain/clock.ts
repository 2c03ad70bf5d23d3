/** What time it is, and how much time has passed. These two questions need two clocks. */
export interface Clock {
  /** Epoch ms, for what people read. It may be wrong, and it may jump in both directions. */
  now(): number;
  /** Ms since some moment, for every wait within the process. It never goes back. */
  elapsed(): number;
}

export const systemClock: Clock = { now: () => Date.now(), elapsed: () => performance.now() };

/** Tells the wall clock's time, but follows a jump of the wall clock only when `follow` is called. */
export interface SteadyClock {
  /** Epoch ms. */
  now(): number;
  /** By how many ms the wall clock has jumped since the last `follow`; 0 almost always. */
  stepMs(): number;
  /** Follows a jump. */
  follow(stepMs: number): void;
}

/** Smallest jump, ms. A clock that is only adjusted gains or loses far less than this between two readings. */
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
