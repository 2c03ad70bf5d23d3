/** Wakes the scheduler. Each part that knows of due records, or of a moment when some will be due, sets it. */
export interface Alarm {
  /** Rings at once. */
  now(): void;
  /** Rings after this time, ms, or sooner if it was set for sooner. */
  in(delayMs: number): void;
  /** Resolves when it rings, or has rung since this resolved last. Only the scheduler waits for it. */
  rung(): Promise<void>;
}

/**
 * Records that one transaction writes become due some ms apart. The alarm rings this long after the first of them, ms, so that
 * they leave together.
 */
const gatherMs = 20;

/** `elapsed`: ms since some moment; never goes back. */
export function createAlarm(elapsed: () => number): Alarm {
  let ring = Promise.withResolvers<void>();
  let ringsAt = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  return { now, in: setFor, rung };

  function now(): void {
    clearTimeout(timer);
    ringsAt = Number.POSITIVE_INFINITY;
    ring.resolve();
  }

  function setFor(delayMs: number): void {
    const at = elapsed() + delayMs;
    if (at >= ringsAt) return;
    clearTimeout(timer);
    ringsAt = at;
    // It keeps no process alive: after a stop nothing waits for it any more.
    timer = setTimeout(now, Math.ceil(delayMs) + gatherMs).unref();
  }

  async function rung(): Promise<void> {
    await ring.promise;
    ring = Promise.withResolvers();
  }
}
