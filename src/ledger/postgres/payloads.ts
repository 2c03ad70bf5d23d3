import type { OrderKey } from "../../domain/cancellation.ts";
import type { Change } from "../../domain/ledger.ts";

/** Most bytes of keys in one notification. PostgreSQL refuses payloads of 8,000 bytes and more; about 90 are around the keys. */
const keyBytes = 7880;

/** The notifications that tell of this change. Keys are JSON. One that is too long is left out: those who wait read again. */
export function payloadsOf(own: string, change: Change, keys: readonly string[]): string[] {
  const batches: string[][] = [];
  let roomBytes = 0;
  for (const text of keys) {
    const bytes = Buffer.byteLength(text) + 1;
    if (bytes > keyBytes) continue;
    if (bytes > roomBytes) {
      batches.push([]);
      roomBytes = keyBytes;
    }
    batches.at(-1)?.push(text);
    roomBytes -= bytes;
  }
  return batches.map((batch) => `{"from":"${own}","change":"${change}","keys":[${batch.join(",")}]}`);
}

interface Payload {
  /** The instance that sent it. */
  from: string;
  /** What an instance sends to itself; empty in all others. */
  echo: string;
  change: Change;
  keys: OrderKey[];
}

/** Every user of the database can send notifications: a payload that cannot be read holds no keys. */
export function readPayload(payload: string): Payload {
  try {
    const { from, echo, change, keys = [] } = JSON.parse(payload);
    return {
      from: String(from),
      echo: String(echo ?? ""),
      // Versions before 0.2 do not name the change, and tell of writes only.
      change: change === "requested" || change === "sent" ? change : "written",
      keys: keys.map(([provider, orderId]: [unknown, unknown]) => ({
        provider: String(provider),
        orderId: String(orderId),
      })),
    };
  } catch {
    return { from: "", echo: "", change: "written", keys: [] };
  }
}
