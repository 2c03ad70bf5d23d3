import type { Emit } from "../domain/events.ts";
import type { Ledger } from "../domain/ledger.ts";
import type { Egress } from "../egress/connector.ts";
import { openDispatcher } from "../egress/dispatcher.ts";
import { startWebhook, webhookSockets } from "./webhook.ts";

export interface WebhookParts {
  ledger: Ledger;
  egress: Egress;
  emit: Emit;
}

/** How often the ledger is asked what is due, ms. What settles here is announced at once. */
const pollEveryMs = 1000;

/** How long tries under way may go on at a stop, ms: no longer than exchanges with providers. */
const graceMs = 5000;

const [connectTimeoutMs, maxAnswerBytes] = [5000, 64 * 1024];

/** Starts to announce. */
export function openWebhook(
  settings: { url: URL; key: Buffer; delaysMs: readonly number[] },
  { ledger, egress, emit }: WebhookParts,
): AsyncDisposable {
  const { dispatcher, close } = openDispatcher({
    ...egress,
    connections: webhookSockets,
    connectTimeoutMs,
    maxAnswerBytes,
  });
  const webhook = startWebhook({ ...settings, ledger, dispatcher, pollEveryMs, graceMs, now: Date.now, emit });
  return {
    [Symbol.asyncDispose]: async () => {
      await webhook[Symbol.asyncDispose]();
      await close();
    },
  };
}
