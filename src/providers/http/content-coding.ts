import { promisify } from "node:util";
import { brotliDecompress, gunzip, type InputType, inflate, zstdDecompress } from "node:zlib";

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
