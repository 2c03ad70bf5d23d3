import { createHmac } from "node:crypto";
import type { LookupResult, Outcome, ProviderDetails, RefusalCode } from "../domain/outcome.ts";
import type { HttpClient, Provider, ProviderClient } from "../domain/provider.ts";
import type { Answer } from "./answers/answer.ts";
import { busy, classifyCancel, classifyLookup, keyRefused } from "./answers/classify.ts";
import { words } from "./answers/details.ts";
import { at, isAbout, isRecord, upper } from "./answers/json.ts";
import { provenBy, refused, refusedUnproven, unprovenSuccess } from "./answers/refusal.ts";
import { exchangeSigned } from "./answers/signed-exchange.ts";

/** KwikPaisa, Indian payment gateway: cancels unpaid hosted checkout orders. */
export const kwikpaisa: Provider = {
  description: "KwikPaisa, an Indian payment gateway. Cancels hosted checkout orders that are not paid yet.",
  documentationUrl: "https://developers.kwikpaisa.com/v3-guide/payment-gateway-integration/cancel-order",
  cancellableWhen: "Unpaid or pending hosted checkout orders.",
  cancellableAfterSeconds: null,
  autoCancelledAfterSeconds: null,
  statusLookup: true,

  configure(settings) {
    const baseUrl = settings.url("KWIKPAISA_BASE_URL", "https://api.kwikpaisa.com");
    const concurrency = settings.integer("KWIKPAISA_CONCURRENCY", 8, { min: 1, max: 256 });
    const credentials = settings.together(["KWIKPAISA_API_KEY", "KWIKPAISA_SECRET_KEY"]);
    const apiKey = settings.secret("KWIKPAISA_API_KEY") ?? "";
    const secretKey = settings.secret("KWIKPAISA_SECRET_KEY") ?? "";
    return {
      baseUrl,
      testHosts: ["sandbox.kwikpaisa.com"],
      maxBatchSize: 1,
      minIntervalMs: null,
      concurrency,
      secrets: [apiKey, secretKey],
      connect: credentials ? (http) => kwikpaisaClient({ apiKey, secretKey }, http) : undefined,
    };
  },
};

export interface KwikpaisaOptions {
  apiKey: string;
  /** Only signs; never sent. */
  secretKey: string;
}

/** The v3 API of developers.kwikpaisa.com: cancel-order, check-status, headers, signature, timestamp, read 2026-11-21. */
export function kwikpaisaClient({ apiKey, secretKey }: KwikpaisaOptions, http: HttpClient): ProviderClient {
  const post = (path: string, orderId: string) => {
    const body = JSON.stringify({ order_id: orderId });
    return exchangeSigned(http, (signedAt) => {
      const timestamp = String(Math.floor(signedAt / 1000));
      const headers = {
        "X-API-KEY": apiKey,
        "X-SIGNATURE": createHmac("sha256", secretKey).update(`${body}${timestamp}`).digest("hex"),
        "X-TIMESTAMP": timestamp,
        "Content-Type": "application/json",
      };
      return { method: "POST", path, headers, body };
    });
  };
  const lookup = async (orderId: string) =>
    classifyLookup(await post("/api/v3/pg/order/status", orderId), (answer) => readStatus(answer, orderId));

  return {
    // Their servers may escape other characters before they check the signature. A slash stays as it is: the signature page signs
    // unescaped slashes (read 2026-11-21).
    invalidId: (orderId) => (/^[\x20-\x7e]*$/.test(orderId) ? undefined : "it holds characters outside ASCII"),

    cancel: async (orderId) => {
      const exchange = await post("/api/v3/pg/order/cancel", orderId);
      const outcome = classifyCancel(exchange, (answer) => readCancel(answer, orderId));
      return provenBy(outcome, () => lookup(orderId));
    },

    lookup,
  };
}

function readCancel(answer: Answer, orderId: string): Outcome | undefined {
  const { status, json } = answer;
  const details = words(json?.code, json?.message);
  const order = json?.return_data ?? json;
  const isCancelled = isCancelledToken(at(order, "order_status"));
  const contradicts = status !== 200 || hasFailed(json) || Number(json?.code ?? 200) >= 400;
  // Cancelled and an error at once.
  if (isCancelled && contradicts) return unprovenSuccess(details);
  const code = errorCodeOf(answer);
  if (code !== undefined) return readError(code, details);
  if (contradicts) return undefined;
  if (isCancelled && isAbout(order, orderId, "order_id")) return { kind: "cancelled" };
  return isCancelled || isSilent(answer) || upper(json?.status) === "SUCCESS" ? unprovenSuccess(details) : undefined;
}

/**
 * The page promises no body for 200. But a proxy's empty page looks the same, and so does an answer that is cut after its
 * headers. So an empty answer confirms nothing. Nor does a success without the order's state: older pages of theirs answer so
 * when the key alone was accepted (kwikpaisa-neo-bank.readme.io, read 2026-11-30).
 */
function isSilent({ text }: Answer): boolean {
  return /^\s*(\{\s*\})?\s*$/.test(text);
}

/**
 * 409 is "Permission denied" on one page and "Duplicate request" on another, 422 any business failure, and no page tells
 * how paid and cancelled orders are refused; 404 may be the answer to them, too.
 */
function readError(code: number, details: ProviderDetails): Outcome {
  if (code === 401 || code === 403) return refused("PROVIDER_REJECTED_CREDENTIALS", details);
  if (code === 429) return busy(details);
  if (code >= 500 || code === 408) return { kind: "unknown", ...details };
  const reasons: Readonly<Record<number, RefusalCode>> = { 404: "ORDER_NOT_FOUND", 409: "NOT_PERMITTED" };
  return refusedUnproven(reasons[code] ?? "REFUSED", details);
}

/**
 * The code of an error in their own format, `{ status: false, code, message }` or the older `{ status: "failed", code }`;
 * the body's own, since errors come with HTTP 200 too.
 */
function errorCodeOf({ status, json }: Answer): number | undefined {
  const code = Number(json?.code);
  return hasFailed(json) && code >= 400 && status < 500 ? code : undefined;
}

function hasFailed(json: Answer["json"]): boolean {
  return json?.status === false || ["FAILED", "ERROR"].includes(upper(json?.status));
}

function readStatus(answer: Answer, orderId: string): LookupResult | undefined {
  const { status, json } = answer;
  const order = json?.return_data;
  const details = words(at(order, "order_status"), json?.message);
  const code = errorCodeOf(answer);
  if (code !== undefined) return readStatusError(code, details);
  if (status !== 200 || hasFailed(json) || !isRecord(order)) return undefined;
  if (!isAbout(order, orderId, "order_id")) return { kind: "unclear", ...details };
  if (isCancelledToken(order.order_status)) return { kind: "cancelled", ...details };
  switch (upper(order.order_status)) {
    case "PAID":
    case "SUCCESS":
    case "REVERSED":
    // "Payment session expired", "Payment failed" (webhook-setup, read 2026-11-30).
    case "EXPIRED":
    case "FAILED":
      return { kind: "closed", code: "TOO_LATE", ...details };
    case "UN_PAID":
    case "UNPAID":
    case "PENDING":
      return { kind: "open", ...details };
    default:
      return { kind: "unclear", ...details };
  }
}

function readStatusError(code: number, details: ProviderDetails): LookupResult | undefined {
  if (code === 404) return { kind: "closed", code: "ORDER_NOT_FOUND", ...details };
  if (code === 429) return { kind: "unanswered", busy: true, ...details };
  if (code === 401 || code === 403) return keyRefused({ providerCode: String(code), ...details });
  return code === 408 || code >= 500 ? undefined : { kind: "unclear", ...details };
}

/** Their pages write it with two l's, sentences of other providers with one. */
function isCancelledToken(status: unknown): boolean {
  return ["CANCELLED", "CANCELED"].includes(upper(status));
}
