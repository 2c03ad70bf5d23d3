import { createHmac } from "node:crypto";
import type { LookupResult, Outcome, ProviderDetails } from "../domain/outcome.ts";
import type { Exchange, HttpClient, Provider, ProviderClient } from "../domain/provider.ts";
import { type Answer, busy, classifyCancel, classifyLookup, words } from "./answers/classify.ts";
import { at, isAbout, isRecord, upper } from "./answers/json.ts";
import { type Refusal, refused, withoutDoubt } from "./answers/refusal.ts";

/** KwikPaisa, Indian payment gateway: cancels hosted checkout orders that nobody has paid yet. */
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
    const timestamp = String(Math.floor(http.now() / 1000));
    return http.exchange({
      method: "POST",
      path,
      headers: {
        "X-API-KEY": apiKey,
        "X-SIGNATURE": createHmac("sha256", secretKey).update(`${body}${timestamp}`).digest("hex"),
        "X-TIMESTAMP": timestamp,
        "Content-Type": "application/json",
      },
      body,
    });
  };
  const lookup = async (orderId: string) =>
    classifyLookup(await post("/api/v3/pg/order/status", orderId), (answer) => readStatus(answer, orderId));

  return {
    // Their servers may escape other characters before they check the signature.
    invalidId: (orderId) => (/^[\x20-\x7e]*$/.test(orderId) ? undefined : "it holds characters outside ASCII"),

    cancel: async (orderId) => {
      const exchange = await post("/api/v3/pg/order/cancel", orderId);
      const outcome = classifyCancel(exchange, (answer) => readCancel(answer, orderId));
      if (isSilent(exchange)) return confirm(outcome, await lookup(orderId));
      return lacksReason(outcome) ? explain(outcome, await lookup(orderId)) : outcome;
    },

    lookup,
  };
}

/**
 * The page promises no body for 200. But a proxy's empty page looks the same, and so does an answer that is cut after its
 * headers. So an empty answer confirms nothing, and the client looks the order up at once.
 */
function isSilent(exchange: Exchange): boolean {
  return exchange.kind === "answered" && exchange.status === 200 && /^\s*(\{\s*\})?\s*$/.test(exchange.text);
}

function confirm(silence: Outcome, result: LookupResult): Outcome {
  return result.kind === "cancelled" ? { ...result } : silence;
}

function readCancel(answer: Answer, orderId: string): Outcome | undefined {
  const { status, json } = answer;
  const details = words(json?.code, json?.message);
  const order = json?.return_data ?? json;
  const orderStatus = upper(at(order, "order_status"));
  const code = errorCodeOf(answer);
  const contradicts = status !== 200 || hasFailed(json) || Number(json?.code ?? 200) >= 400;
  // Cancelled and an error at once.
  if (orderStatus === "CANCELLED" && contradicts) return { kind: "unknown", ...details };
  if (code !== undefined) return readError(code, details);
  if (contradicts) return undefined;
  // A body confirms by the order's status, or by success if it names none.
  const isThis = isRecord(order) && isAbout(order, orderId, "order_id");
  const unnamed = orderStatus === "" && upper(json?.status) === "SUCCESS" && json?.code === "200";
  return isThis && (orderStatus === "CANCELLED" || unnamed) ? { kind: "cancelled" } : undefined;
}

function readError(code: number, details: ProviderDetails): Outcome {
  if (code === 401 || code === 403) return refused("PROVIDER_REJECTED_CREDENTIALS", details);
  if (code === 404) return refused("ORDER_NOT_FOUND", details);
  if (code === 409) return refused("NOT_PERMITTED", details);
  if (code === 429) return busy(details);
  return code >= 500 || code === 408 ? { kind: "unknown", ...details } : refused("REFUSED", details);
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

/**
 * 409 is "Permission denied" on one page and "Duplicate request" on another, 422 any business failure, and no page tells
 * how paid and cancelled orders are refused.
 */
function lacksReason(outcome: Outcome): outcome is Refusal {
  return outcome.kind === "refused" && (outcome.code === "NOT_PERMITTED" || outcome.code === "REFUSED");
}

function explain(refusal: Refusal, result: LookupResult): Outcome {
  if (result.kind === "cancelled") return { ...result };
  if (result.kind === "unanswered") return { ...refusal, unproven: true };
  if (result.kind === "closed" && result.code === "TOO_LATE") return withoutDoubt({ ...refusal, code: "TOO_LATE" });
  return refusal;
}

function readStatus(answer: Answer, orderId: string): LookupResult | undefined {
  const { status, json } = answer;
  const order = json?.return_data;
  const details = words(at(order, "order_status"), json?.message);
  const code = errorCodeOf(answer);
  if (code !== undefined) return readStatusError(code, details);
  if (status !== 200 || hasFailed(json) || !isRecord(order)) return undefined;
  if (!isAbout(order, orderId, "order_id")) return { kind: "unclear", ...details };
  switch (upper(order.order_status)) {
    case "CANCELLED":
      return { kind: "cancelled", ...details };
    case "PAID":
    case "SUCCESS":
    case "REVERSED":
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
  return [401, 403, 408].includes(code) || code >= 500 ? undefined : { kind: "unclear", ...details };
}
