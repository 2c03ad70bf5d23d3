import type { LookupResult, Outcome } from "../domain/outcome.ts";
import type { Exchange, HttpClient, Provider, ProviderClient } from "../domain/provider.ts";
import { type Answer, classifyCancel, classifyLookup, words } from "./answers/classify.ts";
import { at, parseJson } from "./answers/json.ts";
import { type Refusal, refused, withoutDoubt } from "./answers/refusal.ts";

/** "You can cancel an order after 2 minutes … automatically canceled after 21 minutes" (cancel-order, read 2026-11-21). */
const cancellableAfterSeconds = 2 * 60;
const autoCancelledAfterSeconds = 21 * 60;

/** The clocks of their servers may differ, and `Date` has whole seconds. To wait a little longer costs nothing. */
const clockMarginMs = 1000;

/** The clocks of their servers may differ, or ours from theirs; a time of making further in the future than this is not believed. */
const clockSkewMs = 60_000;

/** sms4sats, SMS activation codes paid over Lightning: cancels receive orders, releasing the hold invoice. */
export const sms4sats: Provider = {
  description: "sms4sats, SMS activation codes paid over Lightning. Cancels receive orders, two minutes old or more.",
  documentationUrl: "https://docs.sms4sats.com/api-reference/cancel-order",
  cancellableWhen: "A receive order without an activation code, from two minutes after it was made.",
  cancellableAfterSeconds,
  autoCancelledAfterSeconds,
  statusLookup: true,

  configure(settings) {
    const baseUrl = settings.url("SMS4SATS_BASE_URL", "https://api2.sms4sats.com");
    const concurrency = settings.integer("SMS4SATS_CONCURRENCY", 8, { min: 1, max: 256 });
    const apiKey = settings.secret("SMS4SATS_API_KEY");
    const enabled = settings.flag("SMS4SATS_ENABLED");
    return {
      baseUrl,
      testHosts: [],
      maxBatchSize: 1,
      minIntervalMs: null,
      concurrency,
      secrets: apiKey ? [apiKey] : [],
      connect: enabled ? (http) => sms4satsClient({ apiKey }, http) : undefined,
    };
  },
};

export interface Sms4satsOptions {
  /** Key of a prepaid account; most endpoints need none. */
  apiKey?: string | undefined;
}

/** The API of docs.sms4sats.com/api-reference: cancel-order and get-order-status, read 2026-11-21. */
export function sms4satsClient({ apiKey }: Sms4satsOptions, http: HttpClient): ProviderClient {
  const get = (path: string, orderId: string) =>
    http.exchange({
      method: "GET",
      path: `${path}?orderId=${encodeURIComponent(orderId)}`,
      headers: apiKey ? { "X-API-Key": apiKey } : {},
    });

  return {
    cancel: async (orderId) => {
      const outcome = classifyCancel(await get("/cancelorder", orderId), readCancel);
      if (outcome.kind !== "refused" || outcome.code !== "REFUSED") return outcome;
      return explain(outcome, await get("/orderstatus", orderId));
    },

    lookup: async (orderId) => classifyLookup(await get("/orderstatus", orderId), readStatus),
  };
}

/** The body is the answer, whatever the HTTP status: refusals come with 500. */
function readCancel({ status, json }: Answer): Outcome | undefined {
  if (json?.status === "OK") return status === 200 ? { kind: "cancelled" } : { kind: "unknown" };
  if (json?.status !== "error" || status === 401 || status === 403) return undefined;
  const details = words(undefined, json.reason);
  const reason = details.providerMessage?.toLowerCase() ?? "";
  // The one documented reason tells of a failure inside: the hold invoice may be released already.
  if (reason === "" || reason.includes("unable to save data")) return { kind: "unknown", ...details };
  return refused(/\bnot found\b|\b(does not|doesn't) exist\b/.test(reason) ? "ORDER_NOT_FOUND" : "REFUSED", details);
}

/**
 * Why it refused cannot be told from the words, but from the order's code and age. After a look-up that was answered the
 * refusal stands, unless its words or the order's age say that the order may be cancelled already.
 */
function explain(refusal: Refusal, exchange: Exchange): Outcome {
  const status = exchange.kind === "answered" && exchange.status === 200 ? parseJson(exchange.text) : undefined;
  if (exchange.kind !== "answered" || at(status, "status") !== "OK") return { ...refusal, unproven: true };
  // A delivered code settles the invoice, "and cannot be reversed", whatever the words.
  if (hasCode(status)) return withoutDoubt({ ...refusal, code: "TOO_LATE" });
  const ageMs = exchange.answeredAt - Number(at(status, "timestamp"));
  if (refusal.saysCancelled || ageMs >= autoCancelledAfterSeconds * 1000) {
    return { ...refusal, unproven: true, saysCancelled: true };
  }
  const opensInMs = Math.min(Math.ceil(cancellableAfterSeconds * 1000 - ageMs), cancellableAfterSeconds * 1000);
  if (!(opensInMs > 0 && ageMs > -clockSkewMs)) return refusal;
  return { ...refusal, code: "TOO_EARLY", opensInMs: opensInMs + clockMarginMs };
}

/** A code proves that the order stands; no field of the answer says that an order is cancelled. */
function readStatus({ status, json }: Answer): LookupResult | undefined {
  // Without words: the answer's `code` is the buyer's.
  if (status !== 200) return { kind: "unanswered", ...words(undefined, json?.reason) };
  if (json?.status === "OK") return hasCode(json) ? { kind: "closed", code: "TOO_LATE" } : { kind: "unclear" };
  const details = words(undefined, json?.reason);
  return json?.status === "error" && details.providerMessage ? { kind: "unclear", ...details } : undefined;
}

function hasCode(status: unknown): boolean {
  const code = at(status, "code");
  return typeof code === "string" && code.trim() !== "" && code !== "0";
}
