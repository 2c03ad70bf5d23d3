/** Resolves when the caller's work has its turn. `weight`: how much work that is. */
export type TakeTurn = (weight: number) => Promise<void>;

/**
 * Lets callers through in order: in each turn of the event loop as many as weigh no more than this together, or one that is heavier.
 * Between the turns, other requests are served.
 */
export function createTurns(mostWeight: number): TakeTurn {
  const waiting = new Set<{ weight: number; begin(): void }>();
  let scheduled = false;

  function schedule(): void {
    if (scheduled || waiting.size === 0) return;
    scheduled = true;
    setImmediate(letThrough);
  }

  function letThrough(): void {
    let weight = 0;
    for (const next of waiting) {
      if (weight > 0 && weight + next.weight > mostWeight) break;
      weight += next.weight;
      waiting.delete(next);
      next.begin();
    }
    scheduled = false;
    schedule();
  }

  return (weight) =>
    new Promise((begin) => {
      waiting.add({ weight, begin });
      schedule();
    });
}
