/**
 * Lets callers through one after another: so many in each turn of the event loop. Between the turns, other requests are served.
 */
export function createTurns(perTurn: number): () => Promise<void> {
  const waiting: (() => void)[] = [];
  let scheduled = false;

  function letThrough(): void {
    for (const resolve of waiting.splice(0, perTurn)) resolve();
    scheduled = waiting.length > 0;
    if (scheduled) setImmediate(letThrough);
  }

  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (scheduled) return;
      scheduled = true;
      setImmediate(letThrough);
    });
}
