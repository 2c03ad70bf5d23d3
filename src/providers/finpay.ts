import type { LookupResult, Outcome, ProviderDetails } from "../domain/outcome.ts";
import type { Exchange, HttpClient, Provider, ProviderClient } from "../domain/provider.ts";
import type { Answer } from "./answers/answer.ts";
import { busy, classifyCancel, classifyLookup, keyRefused } from "./answers/classify.ts";
import { words } from "./answers/details.ts";
import { at, isAbout, parseJson, upper } from "./answers/json.ts";
import {
  provenBy,
  type Refusal,
  refused,
  refusedAsCancelled,
  refusedUnproven,
  unprovenSuccess,
} from "./answers/refusal.ts";
import { saysNotFound, saysTooLate } from "./answers/vocabulary.ts";

/** Finpay (Finnet), Indonesian payment gateway: cancels unpaid transactions. */
export const finpay: Provider = {
  description: "Finpay (Finnet), an Indonesian payment gateway. Cancels transactions that are not paid yet.",
  documentationUrl: "https://docs.finpay.id/api-reference/finpay-pg-rest-api/after-payment",
  cancellableWhen: "Not paid yet.",
  cancellableAfterSeconds: null,
  autoCancelledAfterSeconds: null,
  statusLookup: true,

  configure(settings) {
    const baseUrl = settings.url("FINPAY_BASE_URL", "https://live.finnet.co.id");
    const concurrency = settings.integer("FINPAY_CONCURRENCY", 8, { min: 1, max: 256 });
    const cancelBody = settings.oneOf("FINPAY_CANCEL_BODY", ["always", "never"]) ?? "always";
    const credentials = settings.together(["FINPAY_MERCHANT_ID", "FINPAY_MERCHANT_KEY"]);
    // Basic authentication ends the id at the first colon (RFC 7617, 2).
    const merchantId = settings.secret("FINPAY_MERCHANT_ID", ":") ?? "";
    const merchantKey = settings.secret("FINPAY_MERCHANT_KEY") ?? "";
    return {
      baseUrl,
      // The development environment of the cancel-order page.
      testHosts: ["devo.finnet.co.id"],
      maxBatchSize: 1,
      minIntervalMs: null,
      concurrency,
      secrets: [merchantKey, basic(merchantId, merchantKey)],
      connect: credentials ? (http) => finpayClient({ merchantId, merchantKey, cancelBody }, http) : undefined,
    };
  },
};

export interface FinpayOptions {
  merchantId: string;
  merchantKey: string;
  /**
   * `always` sends the body that the page calls mandatory, with the amount that `check` reports; `never` sends one bare
   * GET, the form seen working by a third party.
   */
  cancelBody: "always" | "never";
}

/** The API of docs.finpay.id: cancel-order, status-check-payment-gateway, authorization-and-headers, read 2026-11-21. */
export function finpayClient({ merchantId, merchantKey, cancelBody }: FinpayOptions, http: HttpClient): ProviderClient {
  const get = (action: "cancel" | "check", orderId: string, body?: string) =>
    http.exchange({
      method: "GET",
      path: `/pg/payment/card/${action}/${encodeURIComponent(orderId)}`,
      headers: {
        Authorization: `Basic ${basic(merchantId, merchantKey)}`,
        ...(action === "check" || body !== undefined ? { "Content-Type": "application/json" } : {}),
      },
      body,
    });

  const lookup = async (id: string) => classifyLookup(await get("check", id), (answer) => readStatus(answer, id));

  async function cancel(id: string): Promise<Outcome> {
    const checked = cancelBody === "always" ? readCheck(await get("check", id), id) : { wasOpen: false };
    if ("outcome" in checked) return checked.outcome;
    const body = "amount" in checked ? JSON.stringify({ order: { id, amount: checked.amount } }) : undefined;
    const outcome = classifyCancel(await get("cancel", id, body), (answer) => readCancel(answer, id, checked.wasOpen));
    return provenBy(outcome, () => lookup(id));
  }

  return {
    // Servers read them as steps in the path, encoded or not.
    invalidId: (orderId) => (/^\.{1,2}$|[/\\]/.test(orderId) ? "it would be read as steps in a path" : undefined),
    cancel,
    lookup,
  };
}

interface Checked {
  amount: string;
  /** Whether the order was open a moment ago. */
  wasOpen: boolean;
}

/** Either what to cancel with, or how the attempt ended already. So far nothing that cancels was sent. */
function readCheck(exchange: Exchange, id: string): Checked | { outcome: Outcome } {
  const result = classifyLookup(exchange, (answer) => readStatus(answer, id));
  if (result.kind === "cancelled") return { outcome: { ...result, carried: false } };
  if (result.kind === "closed") return { outcome: { ...result, kind: "refused", carried: false } };
  const outcome = classifyCancel(exchange, (answer) =>
    isSuccess(answer) ? { kind: "unknown" } : readCancel(answer, id, false),
  );
  if (outcome.kind !== "unknown") return { outcome: { ...outcome, carried: false } };
  const data = exchange.kind === "answered" ? at(parseJson(exchange.text), "data") : undefined;
  const [order, paid] = [at(data, "order"), at(data, "result", "payment")];
  const amount = isAbout(order, id, "id") ? (at(order, "amount") ?? at(paid, "amount")) : undefined;
  if (typeof amount === "string" && amount !== "") return { amount, wasOpen: result.kind === "open" };
  return { outcome: { ...outcome, kind: "notSent", code: "PROVIDER_UNAVAILABLE" } };
}

function readCancel(answer: Answer, id: string, wasOpen: boolean): Outcome | undefined {
  const { code, details } = errorOf(answer);
  // The page's success names neither the order nor its state. One that does must name this order, and as cancelled.
  if (isSuccess(answer)) return isOfCancelled(answer.json?.data, id) ? { kind: "cancelled" } : unprovenSuccess(details);
  // Every answer of theirs has a code; one without comes from somewhere on the way.
  if (code === undefined) return undefined;
  if (answer.status >= 500 || !code.startsWith("4") || code.startsWith("408")) return { kind: "unknown", ...details };
  return isBusyCode(code) ? busy(details) : toRefusal(code, details, wasOpen);
}

function isOfCancelled(data: unknown, id: string): boolean {
  const status = at(data, "result", "payment", "status") ?? "";
  const isCancelled = status === "" || ["CANCELLED", "CANCELED"].includes(upper(status));
  return isCancelled && isAbout(at(data, "order"), id, "id");
}

function readStatus(answer: Answer, id: string): LookupResult | undefined {
  if (!isSuccess(answer)) return readStatusError(answer);
  const status = at(answer.json, "data", "result", "payment", "status");
  const details = words(status, at(answer.json, "data", "result", "payment", "statusDesc"));
  if (!isAbout(at(answer.json, "data", "order"), id, "id")) return { kind: "unclear", ...details };
  switch (upper(status)) {
    case "REQUEST_INITIATED":
    case "PENDING":
      return { kind: "open", ...details };
    case "PAID":
    case "CAPTURED":
    case "REFUNDED":
    case "EXPIRED":
      return { kind: "closed", code: "TOO_LATE", ...details };
    // Assumed: "updated to cancelled" is all the page says of the token.
    case "CANCELLED":
    case "CANCELED":
      return { kind: "cancelled", ...details };
    // Tokens of third-party clients (read 2026-11-21).
    case "AUTHORIZED":
    case "FAILED":
      return { kind: "unclear", ...details };
    // Any other may be that of a cancelled order. An answer without a token says nothing.
    default:
      return { kind: "unclear", ...details, ...(details.providerCode ? { saysCancelled: true } : {}) };
  }
}

/** A refusal that concerns this order is `unclear`. One that concerns keys, load or a failure of theirs is no answer. */
function readStatusError(answer: Answer): LookupResult | undefined {
  const { code, details } = errorOf(answer);
  if (code === undefined || answer.status >= 500 || !code.startsWith("4")) return undefined;
  if (isBusyCode(code)) return { kind: "unanswered", busy: true, ...details };
  const refusal = toRefusal(code, details, false);
  if (refusal.code === "PROVIDER_REJECTED_CREDENTIALS") return keyRefused(details);
  if (code.startsWith("408")) return undefined;
  const isUnknown = refusal.code === "ORDER_NOT_FOUND";
  return isUnknown ? { kind: "closed", code: "ORDER_NOT_FOUND", ...details } : { kind: "unclear", ...details };
}

function isSuccess({ status, json }: Answer): boolean {
  return status >= 200 && status < 300 && json?.responseCode === "2000000";
}

function errorOf({ json }: Answer): { code: string | undefined; details: ProviderDetails } {
  const code = json?.responseCode;
  return {
    code: typeof code === "string" && /^\d{7}$/.test(code) ? code : undefined,
    details: words(code, json?.responseMessage),
  };
}

/** 40300-04 is "Activity Count Limit Exceeded" in SNAP and in their own table (direct-debit/payment, read 2026-11-30). */
function isBusyCode(code: string): boolean {
  return code.startsWith("429") || (code.startsWith("403") && code.endsWith("04"));
}

/**
 * Codes are HTTP status (3 digits), service (2), case (2), as in Bank Indonesia's SNAP, whose cases these are. Their own table for
 * this API was not found, so each refusal but that of the key is looked up. A 404 is not "not found" by itself: 4040100 "Invalid
 * Transaction Status" was seen on orders that cannot be cancelled yet (crediblemark-official/Buayar, read 2026-11-30); an order that
 * is cancelled is in a wrong state as well, unless it was open a moment ago.
 */
function toRefusal(code: string, details: ProviderDetails, wasOpen: boolean): Refusal {
  const [http, caseOf] = [code.slice(0, 3), code.slice(5)];
  if (http === "401") return refused("PROVIDER_REJECTED_CREDENTIALS", details);
  const message = details.providerMessage ?? "";
  if (http === "404" && (caseOf === "01" || saysNotFound(message))) return refusedUnproven("ORDER_NOT_FOUND", details);
  // "Transaction Cancelled".
  if (http === "404" && caseOf === "04") return refusedAsCancelled("REFUSED", details);
  if (http === "404" && caseOf === "00" && !wasOpen) return refusedAsCancelled("REFUSED", details);
  if (http === "403" && ["01", "06", "15"].includes(caseOf)) return refusedUnproven("NOT_PERMITTED", details);
  const isTooLate = (http === "403" && caseOf === "00") || saysTooLate(message);
  return refusedUnproven(isTooLate ? "TOO_LATE" : "REFUSED", details);
}

function basic(merchantId: string, merchantKey: string): string {
  return Buffer.from(`${merchantId}:${merchantKey}`).toString("base64");
}
