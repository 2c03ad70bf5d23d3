/** How often each word occurs. */
export function tally(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    Map.groupBy(words, (word) => word)
      .entries()
      .map(([word, { length }]) => [word, length]),
  );
}
