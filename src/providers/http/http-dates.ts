/** Longest pause that a provider is granted, ms: a slip of theirs must not stop us for days. */
const longestRetryAfterMs = 10 * 60_000;

/** Furthest that their clock is believed to be from ours, ms. One of the two is broken then, and theirs as likely. */
const largestClockDifferenceMs = 24 * 60 * 60_000;

/** `Date`, or our own time where it is absent or cannot be true. It has whole seconds, so it is up to one too early. */
export function readAnsweredAt(header: string | string[] | undefined, now: number): number {
  const date = readHttpDate(header);
  return date !== undefined && Math.abs(date - now) <= largestClockDifferenceMs ? date : now;
}

/** RFC 9110, 10.2.3: seconds or an HTTP date, which is measured by the clock that wrote it. In ms, from 0 to the longest. */
export function readRetryAfter(header: string | string[] | undefined, answeredAt: number): number | undefined {
  if (typeof header !== "string") return undefined;
  const date = readHttpDate(header);
  const delayMs = date === undefined ? readSeconds(header) : date - answeredAt;
  return delayMs === undefined ? undefined : Math.min(Math.max(0, delayMs), longestRetryAfterMs);
}

function readSeconds(header: string): number | undefined {
  return /^\d+$/.test(header) ? Number(header) * 1000 : undefined;
}

/** RFC 9110, 5.6.7: three forms, all of them GMT, of which the last does not say so: "Sun Nov  6 08:49:37 1994". */
function readHttpDate(header: string | string[] | undefined): number | undefined {
  const isDate = /^[A-Z][a-z]+,? [\w -]{6,11} \d\d:\d\d:\d\d( GMT| \d{4})$/.test(String(header));
  const epochMs = isDate ? Date.parse(String(header).replace(/(?<! GMT)$/, " GMT")) : Number.NaN;
  return Number.isNaN(epochMs) ? undefined : epochMs;
}
