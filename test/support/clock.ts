import type { Clock } from "../../src/domain/clock.ts";

/** A clock of a test's own: time passes, and the clock that people read may step besides. */
export interface TestClock extends Clock {
  pass(ms: number): void;
  step(ms: number): void;
}

export function createTestClock(startsAt = 1_800_000_000_000): TestClock {
  let nowMs = startsAt;
  let elapsedMs = 0;
  return {
    now: () => nowMs,
    elapsed: () => elapsedMs,
    pass: (ms) => {
      nowMs += ms;
      elapsedMs += ms;
    },
    step: (ms) => {
      nowMs += ms;
    },
  };
}
