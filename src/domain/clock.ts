/** What time it is, and how much time has passed. These two questions need two clocks. */
export interface Clock {
  /** Epoch ms, for what people read. It may be wrong, and it may jump in both directions. */
  now(): number;
  /** Ms since some moment, for every wait within the process. It never goes back. */
  elapsed(): number;
}

export const systemClock: Clock = { now: () => Date.now(), elapsed: () => performance.now() };
