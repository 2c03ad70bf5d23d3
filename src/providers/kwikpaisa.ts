import { createHmac } from "node:crypto";
import type { Outcome, Standing } from "../domain/outcome.ts";
import type { Exchange, Provider, ProviderClient, Wire } from "../domain/provider.ts";
import { at, isAbout, isRecord, upper } from "./json.ts";
import { type Answer, refused, sortByStatus, sortCancel, sortLookup, words } from "./sort.ts";

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
    const [apiKey = "", secretKey = ""] = credentials ?? [];
    return {
      baseUrl,
      testHosts: ["sandbox.kwikpaisa.com"],
      maxBatchSize: 1,
      minIntervalMs: null,
      concurrency,
      secrets: [apiKey, secretKey],
      ...(credentials ? { connect: (wire) => kwikpaisaClient({ apiKey, secretKey }, wire) } : {}),
    };
  },
};

export interface KwikpaisaOptions {
  apiKey: string;
  /** Only signs; never sent. */
  secretKey: string;
}

/** The v3 API of developers.kwikpaisa.com: cancel-order, check-status, headers, signature, timestamp, read 2026-11-21. */
export function kwikpaisaClient({ apiKey, secretKey }: KwikpaisaOptions, wire: Wire): ProviderClient {
  const post = (path: string, orderId: string) => {
    const body = JSON.stringify({ order_id: orderId });
    const timestamp = String(Math.floor(wire.now() / 1000));
    return wire.exchange({
      method: "POST",
      path,
      headers: {
        "X-API-KEY": apiKey,
        "X-SIGNATURE": createHmac("sha256", secretKey).update(`${body}${timestamp}`).digest("hex"),
        "X-TIMESTAMP": timestamp,
        "Content-Type": "application/json",
        Accept: "application/json",
      },
      body,
    });
  };
  const status = (orderId: string) => post("/api/v3/pg/order/status", orderId);

  return {
    // Their servers may escape other characters before they check the signature.
    invalidId: (orderId) => (/^[\x20-\x7e]*$/.test(orderId) ? undefined : "it holds characters outside ASCII"),

    cancel: (orderIds) =>
      Promise.all(
        orderIds.map(async (orderId) => {
          const exchange = await post("/api/v3/pg/order/cancel", orderId);
          let code = 0;
          const outcome = sortCancel(exchange, (answer) => {
            code = codeOf(answer);
            return readCancel(answer, orderId);
          });
          // 409 is "Permission denied" on one page and "Duplicate request" on another, 422 any business failure.
          if (outcome.kind !== "refused" || (code !== 409 && code !== 422)) return outcome;
          return explain(outcome, await status(orderId), orderId);
        }),
      ),

    lookup: (orderIds) =>
      Promise.all(
        orderIds.map(async (orderId) => sortLookup(await status(orderId), (answer) => readStatus(answer, orderId))),
      ),
  };
}

function readCancel(answer: Answer, orderId: string): Outcome | undefined {
  const { json, empty } = answer;
  const said = words(json?.code, json?.message);
  const code = codeOf(answer);
  const order = json?.return_data ?? json;
  const orderStatus = upper(at(order, "order_status"));
  const confirmed = orderStatus === "CANCELLED" && isAbout(order, orderId, "order_id");
  const failed = json?.status === false || ["FAILED", "ERROR"].includes(upper(json?.status));
  // Cancelled and an error at once.
  if (orderStatus === "CANCELLED" && (failed || code !== 200)) return { kind: "unknown", ...said };
  if (code === 200) {
    if (!json && !empty) return undefined;
    if (failed) return refused("REFUSED", said);
    // The page promises no body for 200; a body confirms by the order's status, or by success where it names none.
    const silent = !json || Object.keys(json).length === 0;
    const success = upper(json?.status) === "SUCCESS" || json?.status === true;
    const unnamed = success && orderStatus === "" && isRecord(order) && isAbout(order, orderId, "order_id");
    return silent || confirmed || unnamed ? { kind: "cancelled" } : { kind: "unknown", ...said };
  }
  if (!json && !empty) return undefined;
  if (code === 404) return refused("ORDER_NOT_FOUND", said);
  if (code === 409) return refused("NOT_PERMITTED", said);
  if (code === 422) return refused("REFUSED", said);
  return answer.status === 200 ? sortByStatus(code, said) : undefined;
}

/** The body's own code where it is an error's, however the HTTP status reads. */
function codeOf({ status, json }: Answer): number {
  const code = Number(json?.code);
  return status === 200 && code >= 400 ? code : status;
}

function explain(refusal: Outcome & { kind: "refused" }, exchange: Exchange, orderId: string): Outcome {
  const standing = sortLookup(exchange, (answer) => readStatus(answer, orderId));
  if (standing.kind === "cancelled") return { ...standing };
  if (standing.kind === "closed" && standing.code === "TOO_LATE") return { ...refusal, code: "TOO_LATE" };
  return refusal;
}

function readStatus({ status, json }: Answer, orderId: string): Standing | undefined {
  const order = json?.return_data;
  const said = words(at(order, "order_status"), json?.message);
  // In their own words only: anybody on the way can say 404.
  if (status === 404 && json?.code === "404") return { kind: "closed", code: "ORDER_NOT_FOUND", ...said };
  if (status === 404) return { kind: "unanswered", ...said };
  if (status !== 200 || !json) return undefined;
  if (!isAbout(order, orderId, "order_id")) return { kind: "unclear", ...said };
  switch (upper(at(order, "order_status"))) {
    case "CANCELLED":
      return { kind: "cancelled", ...said };
    case "PAID":
    case "SUCCESS":
    case "REVERSED":
      return { kind: "closed", code: "TOO_LATE", ...said };
    case "UN_PAID":
    case "UNPAID":
    case "PENDING":
      return { kind: "open", ...said };
    default:
      return { kind: "unclear", ...said };
  }
}
