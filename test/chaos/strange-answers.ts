import type { ProviderName } from "../../src/providers/registry.ts";
import type { Fault, ReceivedRequest } from "../../src/simulators/kit/simulator.ts";
import { pick, type Random } from "./random.ts";

/**
 * A complete answer that is easily misread. To a cancel: the order is cancelled, and words say so in a refusal; the cancel is under
 * way, and takes effect seconds later; nothing was done, and a success contradicts itself; the time of a signature is refused. To
 * any request: an edge's JSON or page, which may have acted behind it; a coded body; a 100 Continue. Half of them are normal.
 */
export function strangeAnswer(provider: ProviderName, request: ReceivedRequest, random: Random): Fault | undefined {
  const dice = random();
  const effect = random() < 0.5;
  const words = pick(alreadyCancelled, random);
  const underWay = pick(beingCancelled, random);
  const effectAfterMs = Math.round(500 + random() * 5500);
  const isCancel = request.operation === "cancel";
  if (dice < 0.1) return { kind: "gzip" };
  if (dice < 0.2) return { kind: "continue" };
  if (dice < 0.24)
    return { kind: "status", status: 403, headers: json, body: JSON.stringify(cloudflareProblem), effect };
  if (dice < 0.28) return { kind: "status", status: 403, headers: html, body: blockedPage, effect };
  if (dice < 0.31 && isSigned(provider)) return timeRefused(provider);
  if (dice < 0.36 && isCancel) return { ...refusal(provider, request, words), effect: true };
  if (dice < 0.4 && isCancel) return { ...refusal(provider, request, underWay), effect: true, effectAfterMs };
  if (dice < 0.45 && isCancel) return { ...contradiction(provider, request), effect: false };
  return undefined;
}

const alreadyCancelled = [
  "Order has already been cancelled",
  "Order was canceled by the merchant",
  "Transaksi sudah dibatalkan",
  "Pesanan telah dibatalkan",
  "Order pehle se cancel ho chuka hai",
  "订单已取消",
];
const beingCancelled = [
  "Cancellation is being processed",
  "Cancel request accepted, please wait",
  "Pembatalan sedang diproses",
  "Order is being cancelled",
];

const json = { "content-type": "application/json" };
const html = { "content-type": "text/html" };
const blockedPage = "<!doctype html><html><head><title>Attention Required! | Cloudflare</title></head></html>";
const cloudflareProblem = {
  type: "https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/error-1010/",
  title: "Error 1010: Access denied",
  status: 403,
  detail: "The owner has blocked your browser's signature.",
  error_code: 1010,
  cloudflare_error: true,
};

type StatusFault = Omit<Fault & { kind: "status" }, "effect">;

function answer(status: number, body: unknown): StatusFault {
  return { kind: "status", status, headers: json, body: JSON.stringify(body) };
}

/** In the provider's own format. */
function refusal(provider: ProviderName, { orderIds }: ReceivedRequest, words: string): StatusFault {
  switch (provider) {
    case "FINPAY":
      return answer(404, { responseCode: "4040100", responseMessage: words });
    case "KWIKPAISA":
      return answer(409, { status: false, code: 409, message: words });
    case "ONRAMP":
      return answer(400, { status: 0, code: 400, error: words });
    case "SMS4SATS":
      return answer(500, { status: "error", reason: words });
    case "TRONSAVE":
      return answer(200, {
        cancel_results: orderIds.map((order_id) => ({ order_id, is_success: false, fail_reason: words })),
      });
  }
}

/** A success that says elsewhere that nothing was cancelled, or that speaks of another order. */
function contradiction(provider: ProviderName, { orderIds }: ReceivedRequest): StatusFault {
  switch (provider) {
    case "FINPAY":
      return answer(200, { responseCode: "2000000", responseMessage: "Transaction cannot be cancelled" });
    case "KWIKPAISA":
      return answer(200, { status: "success", code: 200, message: "Order cannot be cancelled" });
    case "ONRAMP":
      return answer(200, { status: 1, code: 200, data: { orderId: "1", hash: "another", status: -3 } });
    case "SMS4SATS":
      return answer(200, { status: "OK", error: "could not cancel" });
    case "TRONSAVE":
      return answer(200, {
        cancel_results: orderIds.map((order_id) => ({ order_id, is_success: true, fail_reason: "failed" })),
      });
  }
}

function isSigned(provider: ProviderName): provider is "KWIKPAISA" | "ONRAMP" {
  return provider === "KWIKPAISA" || provider === "ONRAMP";
}

function timeRefused(provider: "KWIKPAISA" | "ONRAMP"): Fault {
  const body =
    provider === "ONRAMP"
      ? { status: 0, code: 401, error: "Ahead of Time" }
      : { status: false, code: 401, message: "Request timestamp expired." };
  return { ...answer(401, body), effect: false };
}
