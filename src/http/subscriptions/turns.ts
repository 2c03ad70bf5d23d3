/** Does work when its turn has come. */
export type InTurn = <T>(weight: number, work: () => Promise<T>) => Promise<T>;

/**
 * Lets work through in order, so that at most `mostWeight` is under way at once, or one that is heavier by itself. Between the end of
 * one and the begin of the next, other requests are served.
 */
export function createTurns(mostWeight: number): InTurn {
  const waiting: { weight: number; begin(): void }[] = [];
  let underWay = 0;

  function letThrough(): void {
    for (let next = waiting[0]; next && fits(next.weight); next = waiting[0]) {
      waiting.shift();
      underWay += next.weight;
      next.begin();
    }
  }

  function fits(weight: number): boolean {
    return underWay === 0 || underWay + weight <= mostWeight;
  }

  return async (weight, work) => {
    await new Promise<void>((begin) => {
      waiting.push({ weight, begin });
      letThrough();
    });
    try {
      return await work();
    } finally {
      setImmediate(() => {
        underWay -= weight;
        letThrough();
      });
    }
  };
}
