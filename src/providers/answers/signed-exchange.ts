import type { Exchange, HttpClient, HttpRequest } from "../../domain/provider.ts";
import { at, parseJson } from "./json.ts";

/**
 * Makes a request whose signature covers the time that `sign` is given, epoch ms. If the provider refuses that time, it is signed
 * once more by the provider's own clock. The guard that refuses it has not looked at an order, so nothing is done twice.
 */
export async function exchangeSigned(http: HttpClient, sign: (signedAt: number) => HttpRequest): Promise<Exchange> {
  const exchange = await http.exchange(sign(http.now()));
  if (!isTimeRefused(exchange)) return exchange;
  const clockOffMs = http.now() - exchange.answeredAt;
  return { ...(await http.exchange(sign(exchange.answeredAt))), clockOffMs };
}

/** Whether it is a 401 that speaks of the time. KwikPaisa: "expired timestamp"; Onramp: "Ahead of Time" (read 2026-11-21). */
export function isTimeRefused(exchange: Exchange): exchange is Exchange & { kind: "answered" } {
  if (exchange.kind !== "answered" || !(exchange.status === 401 || exchange.text.includes("401"))) return false;
  const json = parseJson(exchange.text);
  if (exchange.status !== 401 && at(json, "code") !== "401") return false;
  return [at(json, "message"), at(json, "error")].some((said) => typeof said === "string" && ofTime.test(said));
}

/** Never a key that has expired. */
const ofTime =
  /time[ _-]?stamp|\bahead of time\b|\bclock\b|\b(request|signature|payload) (has |is )?(expired|too old)\b/i;
