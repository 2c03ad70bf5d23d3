import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** No documented request comes near it; it keeps a runaway client from filling the memory. */
const MAX_BODY_BYTES = 1024 * 1024;

/** The whole body, or undefined when it is larger than any provider's request could be. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let lengthBytes = 0;
  // The socket must outlive an early return: the refusal still has to be written to it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    lengthBytes += chunk.length;
    if (lengthBytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function isJsonContent(headers: IncomingHttpHeaders): boolean {
  return /^application\/json\s*(;|$)/i.test(headers["content-type"] ?? "");
}

/** The value, or undefined (which JSON cannot say) when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
