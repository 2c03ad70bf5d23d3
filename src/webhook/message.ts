import { createHmac } from "node:crypto";
import type { Announcement } from "../domain/outbox.ts";

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
