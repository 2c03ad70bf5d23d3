import { createHmac } from "node:crypto";
import type { LookupResult, Outcome, ProviderDetails } from "../domain/outcome.ts";
import type { HttpClient, Provider, ProviderClient } from "../domain/provider.ts";
import type { Answer } from "./answers/answer.ts";
import { busy, classifyCancel, classifyLookup, keyRefused } from "./answers/classify.ts";
import { words } from "./answers/details.ts";
import { at, isAbout } from "./answers/json.ts";
import { provenBy, refused, refusedUnproven, unprovenSuccess } from "./answers/refusal.ts";
import { exchangeSigned } from "./answers/signed-exchange.ts";

/** Onramp.money, crypto on-ramp: cancels merchant widget orders, by order id or by intent hash. */
export const onramp: Provider = {
  description: "Onramp.money, a crypto on-ramp. Cancels merchant widget orders, by order id or by intent hash.",
  documentationUrl: "https://docs.onramp.money",
  cancellableWhen: "Waiting for payment.",
  cancellableAfterSeconds: null,
  autoCancelledAfterSeconds: null,
  statusLookup: true,

  configure(settings) {
    const baseUrl = settings.url("ONRAMP_BASE_URL", "https://api.onramp.money");
    const concurrency = settings.integer("ONRAMP_CONCURRENCY", 8, { min: 1, max: 256 });
    const credentials = settings.together(["ONRAMP_API_KEY", "ONRAMP_API_SECRET"]);
    const apiKey = settings.secret("ONRAMP_API_KEY") ?? "";
    const apiSecret = settings.secret("ONRAMP_API_SECRET") ?? "";
    return {
      baseUrl,
      // The merchant API has no test host (onramp_sandbox page).
      testHosts: [],
      maxBatchSize: 1,
      minIntervalMs: null,
      concurrency,
      secrets: [apiKey, apiSecret],
      connect: credentials ? (http) => onrampClient({ apiKey, apiSecret }, http) : undefined,
    };
  },
};

export interface OnrampOptions {
  apiKey: string;
  /** Only signs; never sent. */
  apiSecret: string;
}

/** The API of docs.onramp.money, merchant widget: cancelOrder, getOrder, statusCode, read 2026-11-21. */
export function onrampClient({ apiKey, apiSecret }: OnrampOptions, http: HttpClient): ProviderClient {
  const post = (action: "cancelOrder" | "getOrder", id: string) => {
    const body = isOrderId(id) ? { orderId: id } : { hash: id };
    return exchangeSigned(http, (timestamp) => {
      const payload = Buffer.from(JSON.stringify({ timestamp, body })).toString("base64");
      const headers = {
        "Content-Type": "application/json;charset=UTF-8",
        "X-ONRAMP-SIGNATURE": createHmac("sha512", apiSecret).update(payload).digest("hex"),
        "X-ONRAMP-APIKEY": apiKey,
        "X-ONRAMP-PAYLOAD": payload,
      };
      return { method: "POST", path: `/onramp-merchants/widget/${action}`, headers, body: JSON.stringify(body) };
    });
  };

  const lookup = async (id: string) => classifyLookup(await post("getOrder", id), (answer) => readOrder(answer, id));

  return {
    cancel: async (id) => {
      const outcome = classifyCancel(await post("cancelOrder", id), (answer) => readCancel(answer, id));
      return provenBy(outcome, () => lookup(id));
    },
    lookup,
  };
}

/** createOrder gives digits, createIntent a hash. */
function isOrderId(id: string): boolean {
  return /^\d+$/.test(id);
}

function readCancel(answer: Answer, id: string): Outcome | undefined {
  if (isSuccess(answer)) {
    const data = answer.json?.data;
    // In the merchant widget -3 is "Order Cancelled"; other tables of theirs give -3 another meaning.
    if (at(data, "status") === "-3" && isThis(data, id)) return { kind: "cancelled" };
    return unprovenSuccess(words(at(data, "status"), undefined));
  }
  const { code, details } = errorOf(answer);
  // Cancelled and an error at once.
  if (at(answer.json, "data", "status") === "-3") return unprovenSuccess(details);
  if (code === undefined) return undefined;
  if (code >= 500 || code === 408) return { kind: "unknown", ...details };
  if (code === 429) return busy(details);
  if (code === 401 || code === 403) return refused("PROVIDER_REJECTED_CREDENTIALS", details);
  // No page tells how paid and cancelled orders are refused. 417 is "Order doesn't exist any more": so might a cancelled one be.
  return refusedUnproven(code === 417 ? "ORDER_NOT_FOUND" : "REFUSED", details);
}

function readOrder(answer: Answer, id: string): LookupResult | undefined {
  if (!isSuccess(answer)) {
    const { code, details } = errorOf(answer);
    if (code === 429) return { kind: "unanswered", busy: true, ...details };
    if (code === 401 || code === 403) return keyRefused(details);
    // Including 417: "doesn't exist any more" is no state.
    const tells = code !== undefined && code < 500 && code !== 408;
    return tells ? { kind: "unclear", ...details } : undefined;
  }
  const data = answer.json?.data;
  const status = at(data, "status");
  const details = words(status, undefined);
  if (!isThis(data, id)) return { kind: "unclear", ...details };
  switch (status) {
    case "-3":
      return { kind: "cancelled", ...details };
    case "0":
      return { kind: "open", ...details, ...endOf(data, answer.answeredAt) };
    case "-1": // failed
    case "1": // payment received
    case "2": // completed
      return { kind: "closed", code: "TOO_LATE", ...details };
    default:
      return { kind: "unclear", ...details };
  }
}

/** `endTime` is when the time to pay is over, in Unix seconds (getOrder and extendTime, read 2026-11-21). */
function endOf(order: unknown, answeredAt: number): { closesInMs?: number } {
  const closesInMs = Number(at(order, "endTime") ?? Number.NaN) * 1000 - answeredAt;
  return closesInMs > 0 ? { closesInMs } : {};
}

function isSuccess({ status, json }: Answer): boolean {
  return status === 200 && json?.status === "1" && Number(json.code ?? 200) < 400;
}

/**
 * The code of an error in their own format: outer `status` 0, or an `error` text beside a status of the statusCode page,
 * which shows no whole body. Gateways say 401 and 403 with an `error`, too: then the body must have the same code, which "mirrors"
 * the HTTP status. If the two differ, the body speaks of this very order.
 */
function errorOf({ status, json }: Answer): { code: number | undefined; details: ProviderDetails } {
  const details = words(json?.code, json?.error ?? json?.message);
  const inBody = Number(json?.code ?? Number.NaN);
  const isOnPage = onlyOnPage.includes(status) || inBody === status;
  const isTheirs = json?.status === "0" || (typeof json?.error === "string" && json.status === undefined && isOnPage);
  return { code: isTheirs ? (inBody >= 400 ? inBody : status) : undefined, details };
}

/** The statusCode page, read 2026-11-21, without 401 and 403. */
const onlyOnPage: readonly number[] = [400, 406, 409, 413, 416, 417, 428, 429, 500, 503];

/** No sample shows whether a hash is echoed. */
function isThis(data: unknown, id: string): boolean {
  return isAbout(data, id, isOrderId(id) ? "orderId" : "hash");
}
