/** The middle one; of an even number, the lower of the two in the middle. */
export function median(numbers: readonly number[]): number {
  return percentile(numbers, 0.5);
}

/** This share of the numbers, from 0 to 1, is not above it. */
export function percentile(numbers: readonly number[], share: number): number {
  return numbers.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(numbers.length * share) - 1)] ?? Number.NaN;
}
