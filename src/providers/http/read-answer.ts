import { promisify } from "node:util";
import { brotliDecompress, gunzip, type InputType, inflate, zstdDecompress } from "node:zlib";

/** Longest pause that a provider is granted, ms: a slip of theirs must not stop us for days. */
const longestRetryAfterMs = 10 * 60_000;

/** Furthest that their clock is believed to be from ours, ms. One of the two is broken then, and theirs as likely. */
const largestClockDifferenceMs = 24 * 60 * 60_000;

/** `Date`, or our own time if it is absent or cannot be true. It has whole seconds, so it is up to one too early. */
export function readAnsweredAt(header: string | string[] | undefined, now: number): number {
  const date = readHttpDate(String(header));
  return Math.abs(date - now) <= largestClockDifferenceMs ? date : now;
}

/** RFC 9110, 10.2.3: seconds or an HTTP date, which is measured by the clock that wrote it. In ms, from 0 to the longest. */
export function readRetryAfter(header: string | string[] | undefined, answeredAt: number): number | undefined {
  const text = String(header);
  const delayMs = /^\d+$/.test(text) ? Number(text) * 1000 : readHttpDate(text) - answeredAt;
  return Number.isNaN(delayMs) ? undefined : Math.min(Math.max(0, delayMs), longestRetryAfterMs);
}

/** RFC 9110, 5.6.7: three forms, all GMT, though the last does not say so: "Sun Nov  6 08:49:37 1994". NaN for all else. */
function readHttpDate(text: string): number {
  if (/^[A-Z][a-z]+, [\w -]{9,11} \d\d:\d\d:\d\d GMT$/.test(text)) return Date.parse(text);
  return /^[A-Z][a-z]+ [\w ]{6} \d\d:\d\d:\d\d \d{4}$/.test(text) ? Date.parse(`${text} GMT`) : Number.NaN;
}

type Decode = (bytes: InputType, options: { maxOutputLength: number }) => Promise<Uint8Array>;

/** The codings of RFC 9110, 8.4.1, and RFC 8878. An HTTP client must take `x-gzip` for `gzip`. */
const decoders: Readonly<Record<string, Decode>> = {
  gzip: promisify(gunzip),
  "x-gzip": promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
};

/** Of a list, in bytes of header and of work: no server applies more than two. */
const mostCodings = 4;

/**
 * The text of a body that was sent with this Content-Encoding. It is coded although we ask for `identity`: some edges ignore that.
 * Empty if it cannot be decoded: then the answer has only a status. Rejects if it is longer than `maxBytes`.
 */
export async function decodeText(
  body: Uint8Array,
  contentEncoding: string | string[] | undefined,
  maxBytes: number,
): Promise<string> {
  const codings = [contentEncoding ?? []]
    .flat()
    .flatMap((list) => list.toLowerCase().split(","))
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding !== "identity");
  if (codings.length > mostCodings) return "";
  let bytes = body;
  for (const coding of codings.reverse()) {
    const decode = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
    const decoded = await decode?.(bytes, { maxOutputLength: maxBytes }).catch(emptyUnlessTooLarge);
    if (!decoded) return "";
    bytes = decoded;
  }
  return new TextDecoder().decode(bytes);
}

function emptyUnlessTooLarge(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ERR_BUFFER_TOO_LARGE") throw error;
}
