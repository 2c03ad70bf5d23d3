import { createHmac } from "node:crypto";
import { type Dispatcher, request } from "undici";
import type { Announcement } from "../domain/outbox.ts";
import { clientHeaders } from "../egress/dispatcher.ts";

/** How a try ended. */
export type Posted =
  | { kind: "delivered"; status: number }
  /** The receiver wants no more of it. */
  | { kind: "gone"; status: number }
  /** `retryAfterMs`: the receiver wants to be asked no sooner. `status`: absent if no answer came. */
  | { kind: "failed"; status?: number; retryAfterMs?: number; error?: unknown };

/** Longest time for a whole try, ms: what Standard Webhooks recommends at the least (15 to 30 s). */
const timeoutMs = 15_000;

/** Longest time that a receiver may ask for, ms. */
const longestRetryAfterMs = 24 * 60 * 60_000;

/** Posts it once. Only an answer 2xx counts as delivered: redirects are not followed. Never rejects. */
export async function postMessage(
  url: URL,
  { headers, body }: Message,
  { dispatcher, signal }: { dispatcher: Dispatcher; signal: AbortSignal },
): Promise<Posted> {
  try {
    const answer = await request(url, {
      dispatcher,
      method: "POST",
      headers: { ...clientHeaders, ...headers },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    // What it says is of no interest. Its end is not waited for.
    answer.body.on("error", () => {}).destroy();
    const status = answer.statusCode;
    if (status >= 200 && status < 300) return { kind: "delivered", status };
    if (status === 410) return { kind: "gone", status };
    return { kind: "failed", status, retryAfterMs: readRetryAfter(answer.headers["retry-after"]) };
  } catch (error) {
    return { kind: "failed", error };
  }
}

/** RFC 9110, 10.2.3: seconds, or a date. 0 if there is none that can be read. */
function readRetryAfter(header: string | string[] | undefined): number {
  const text = String(header);
  const delayMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(delayMs) ? 0 : Math.min(Math.max(0, delayMs), longestRetryAfterMs);
}

/** An HTTP request's body and headers. */
export interface Message {
  headers: Record<string, string>;
  body: string;
}

/** The announcement in the format of Standard Webhooks 1.0.0. `now`: epoch ms of this try. */
export function createMessage(announcement: Announcement, key: Buffer, now: number): Message {
  const { messageId, provider, orderId, status } = announcement;
  const settledAt = new Date(announcement.settledAt).toISOString();
  const data = { provider, orderId, status, settledAt };
  const body = JSON.stringify({ type: "order.cancellation.settled", timestamp: settledAt, data });
  const timestamp = String(Math.floor(now / 1000));
  const signature = createHmac("sha256", key).update(`${messageId}.${timestamp}.${body}`).digest("base64");
  return {
    headers: {
      "content-type": "application/json",
      "webhook-id": messageId,
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${signature}`,
    },
    body,
  };
}

/** The key in a secret that reads `whsec_<base64>`; undefined if it is none, or has fewer than 24 or more than 64 bytes. */
export function readWebhookKey(secret: string): Buffer | undefined {
  const text = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  if (text === undefined) return undefined;
  const key = Buffer.from(text, "base64");
  const isWhole = key.toString("base64").replace(/=+$/, "") === text.replace(/=+$/, "");
  return isWhole && key.length >= 24 && key.length <= 64 ? key : undefined;
}
