import { type Dispatcher, request } from "undici";
import { requestError } from "../../api/errors.ts";
import type { Emit } from "../../domain/events.ts";
import { clientHeaders } from "../../egress/dispatcher.ts";

export interface AccessQuestion {
  subject: string | null;
  provider: string;
  ids: readonly string[];
}

/** Longest wait for the whole answer, ms: it counts as a part of CANCEL_WAIT_MS, and the rest is for the providers. */
const timeoutMs = 3000;

/**
 * Asks the company's own service which of these orders are the caller's: POST `{ subject, provider, ids }` with the
 * caller's authorization header. The answer is `{ allowed: [ids] }`. Any other answer, or none, means FORBIDDEN.
 */
export function accessCheck(options: { url: URL; dispatcher: Dispatcher; emit: Emit }) {
  return async (question: AccessQuestion, authorization: string | undefined): Promise<ReadonlySet<string>> => {
    let status: number | undefined;
    try {
      const answer = await request(options.url, {
        dispatcher: options.dispatcher,
        method: "POST",
        headers: {
          ...clientHeaders,
          "content-type": "application/json",
          accept: "application/json",
          authorization: authorization || undefined,
        },
        body: JSON.stringify(question),
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = answer.statusCode;
      const text = await answer.body.text();
      if (status !== 200) throw new Error("not a 200");
      return readAllowed(text);
    } catch (error) {
      const { provider } = question;
      options.emit({ event: "access-check-unanswered", provider, status, error });
      throw requestError("FORBIDDEN", "We could not find out whether these orders are yours. Nothing was sent.");
    }
  };
}

function readAllowed(text: string): ReadonlySet<string> {
  const { allowed } = JSON.parse(text) as { allowed?: unknown };
  if (!Array.isArray(allowed) || !allowed.every((id) => typeof id === "string")) throw new Error("no list of ids");
  return new Set(allowed);
}
