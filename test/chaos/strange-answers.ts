import { type ProviderName, providerNames } from "../../src/providers/registry.ts";
import type { Fault, ReceivedRequest } from "../../src/simulators/kit/simulator.ts";
import type { PlayedAnswer } from "../support/play.ts";
import { fillIn, type Wordings, wordingsOf } from "../support/wordings.ts";
import { pick, type Random } from "./random.ts";

/**
 * A complete answer that is easily misread. To a cancel: the order is cancelled, and words say so in a refusal; the cancel is under
 * way, and takes effect seconds later; nothing was done, and a success contradicts itself; the time of a signature is refused. To
 * any request: an edge's JSON or page, which may have acted behind it; a coded body; a 100 Continue. Half of them are normal.
 */
export function strangeAnswer(provider: ProviderName, request: ReceivedRequest, random: Random): Fault | undefined {
  const wordings = wordingsByProvider[provider];
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
  if (dice < 0.31 && wordings.timeRefused) return { ...toFault(wordings.timeRefused, "", []), effect: false };
  if (dice < 0.36 && isCancel) return { ...refusal(wordings, request, words), effect: true };
  if (dice < 0.4 && isCancel) return { ...refusal(wordings, request, underWay), effect: true, effectAfterMs };
  if (dice < 0.45 && isCancel) return { ...contradiction(wordings, request), effect: false };
  return undefined;
}

const wordingsByProvider = Object.fromEntries(providerNames.map((name) => [name, wordingsOf(name)])) as Record<
  ProviderName,
  Wordings
>;

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

/** In the provider's own format. */
function refusal({ refusals }: Wordings, { orderIds }: ReceivedRequest, words: string): StatusFault {
  return toFault(refusals[0], words, orderIds);
}

/** A success that says elsewhere that nothing was cancelled. */
function contradiction({ successes }: Wordings, { orderIds }: ReceivedRequest): StatusFault {
  return toFault(successes[0], "cannot be cancelled", orderIds);
}

function toFault(answer: PlayedAnswer | undefined, words: string, orderIds: readonly string[]): StatusFault {
  const { status, json: body } = fillIn(answer ?? {}, words, orderIds);
  return { kind: "status", status, headers: json, body: JSON.stringify(body) };
}
