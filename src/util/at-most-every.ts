/**
 * Calls `report` when the function that this returns is called, and then at most every `ms`: calls that come meanwhile are reported
 * together at the end of that time.
 */
export function atMostEvery(ms: number, report: () => void): () => void {
  let waiting = false;
  let again = false;
  return () => {
    if (waiting) again = true;
    else reportNow();
  };

  function reportNow(): void {
    [waiting, again] = [true, false];
    report();
    setTimeout(() => {
      waiting = false;
      if (again) reportNow();
    }, ms).unref();
  }
}
