import type { LookupResult, Outcome, ProviderDetails } from "../domain/outcome.ts";
import type { Exchange, HttpClient, Provider, ProviderClient } from "../domain/provider.ts";
import type { Answer } from "./answers/answer.ts";
import { classifyCancel, classifyLookup, keyRefused } from "./answers/classify.ts";
import { words } from "./answers/details.ts";
import { at, parseJson, upper } from "./answers/json.ts";
import {
  provenBy,
  type Refusal,
  refused,
  refusedAsCancelled,
  unprovenSuccess,
  withoutDoubt,
} from "./answers/refusal.ts";
import { saysNotFound, statesCancelled } from "./answers/vocabulary.ts";

/** "You can cancel an order after 2 minutes … automatically canceled after 21 minutes" (cancel-order, read 2026-11-21). */
const cancellableAfterSeconds = 2 * 60;
const autoCancelledAfterSeconds = 21 * 60;

/** When an order must have been cancelled by itself, however late their timer runs: a minute later, ms after it was made. */
const surelyEndedAfterMs = (autoCancelledAfterSeconds + 60) * 1000;

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

  const lookup = async (orderId: string) => classifyLookup(await get("/orderstatus", orderId), readStatus);

  return {
    cancel: async (orderId) => {
      const outcome = classifyCancel(await get("/cancelorder", orderId), readCancel);
      const lacksReason = outcome.kind === "refused" && ["REFUSED", "ORDER_NOT_FOUND"].includes(outcome.code);
      if (lacksReason) return withStatus(outcome, await get("/orderstatus", orderId));
      return provenBy(outcome, () => lookup(orderId));
    },

    lookup,
  };
}

/** The body is the answer for every HTTP status: refusals come with 500. */
function readCancel({ status, json }: Answer): Outcome | undefined {
  if (stateOf(json) === "OK") {
    if (status !== 200) return { kind: "unknown" };
    return isAbsent(json?.error) ? { kind: "cancelled" } : readSuccessWithError(words(undefined, json?.error));
  }
  if (stateOf(json) !== "ERROR") return undefined;
  const details = words(undefined, json?.reason);
  if (status === 401 || status === 403) return refused("PROVIDER_REJECTED_CREDENTIALS", details);
  const reason = details.providerMessage ?? "";
  // The one documented reason tells of a failure inside: the hold invoice may be released already.
  if (reason === "" || /unable to save data/i.test(reason)) return { kind: "unknown", ...details };
  return refused(saysNotFound(reason) ? "ORDER_NOT_FOUND" : "REFUSED", details);
}

/** This API also tells the end of an order by an `error` beside `OK`. */
function readSuccessWithError(details: ProviderDetails): Outcome {
  return statesCancelled(details.providerMessage ?? "") ? { kind: "cancelled", ...details } : unprovenSuccess(details);
}

/**
 * Why it refused cannot be told from the words, but from the order's code and age. After a look-up that was answered the
 * refusal stands, unless its words or the order's age say that the order may be cancelled already. The look-up of a cancelled
 * order may show nothing; so a refusal that says in so many words that this order is cancelled is taken at its word.
 */
function withStatus(refusal: Refusal, exchange: Exchange): Outcome {
  const result = classifyLookup(exchange, readStatus);
  if (result.kind === "cancelled") return result;
  // A delivered code settles the invoice, "and cannot be reversed". The words do not matter.
  if (result.kind === "closed") return withoutDoubt({ ...refusal, code: "TOO_LATE" });
  if (result.kind !== "unclear" || exchange.kind !== "answered") return { ...refusal, unproven: true };
  const { providerMessage: reason = "", saysCancelled } = refusal;
  if (result.providerMessage !== undefined) {
    const isUnknown = refusal.code === "ORDER_NOT_FOUND" && saysNotFound(result.providerMessage);
    if (isUnknown) return refusal;
    return result.saysCancelled ? inDoubt(refusal) : { ...refusal, unproven: true };
  }
  if (saysCancelled && !/[.,;:!].*\w/.test(reason) && statesCancelled(reason)) {
    const { code: _, unproven: __, saysCancelled: ___, ...details } = refusal;
    return { ...details, kind: "cancelled" };
  }
  const ageMs = ageOf(parseJson(exchange.text), exchange.answeredAt);
  if (saysCancelled || ageMs === undefined || ageMs >= autoCancelledAfterSeconds * 1000) return inDoubt(refusal);
  const opensInMs = Math.min(Math.ceil(cancellableAfterSeconds * 1000 - ageMs), cancellableAfterSeconds * 1000);
  // The look-up knows it.
  if (opensInMs <= 0) return { ...refusal, code: "REFUSED" };
  return { ...refusal, code: "TOO_EARLY", opensInMs: opensInMs + clockMarginMs };
}

function inDoubt({ code, ...refusal }: Refusal): Outcome {
  return { ...refusal, ...refusedAsCancelled(code === "ORDER_NOT_FOUND" ? "REFUSED" : code, {}) };
}

/**
 * A code proves that the order stands. The page of get-order-status shows a cancelled order as `OK` with an `error` that says so
 * ("payment request is canceled", read 2026-11-30), and does not say that every cancelled order is shown so.
 */
function readStatus(answer: Answer): LookupResult | undefined {
  const { status, json, answeredAt } = answer;
  const state = stateOf(json);
  if (!json || (state !== "OK" && state !== "ERROR")) return undefined;
  if (state === "ERROR") return readStatusError(answer);
  if (status !== 200) return { kind: "unanswered" };
  if (!isAbsent(json.error)) return readEnd(json);
  if (hasCode(json)) return { kind: "closed", code: "TOO_LATE" };
  return { kind: "unclear", ...timesAt(ageOf(json, answeredAt)) };
}

/** What the rules of the cancel-order page say of an order of this age. */
function timesAt(
  ageMs: number | undefined,
): Pick<LookupResult & { kind: "unclear" }, "opensInMs" | "closesInMs" | "endsInMs"> {
  if (ageMs === undefined) return {};
  const [opensInMs, closesInMs] = [cancellableAfterSeconds * 1000 - ageMs, autoCancelledAfterSeconds * 1000 - ageMs];
  const endsInMs = surelyEndedAfterMs - ageMs;
  return {
    ...(opensInMs > 0 ? { opensInMs: Math.min(opensInMs, cancellableAfterSeconds * 1000) + clockMarginMs } : {}),
    ...(closesInMs > 0 ? { closesInMs } : {}),
    ...(endsInMs > 0 ? { endsInMs } : {}),
  };
}

function readStatusError({ status, json }: Answer): LookupResult | undefined {
  // Without other words: the answer's `code` is the buyer's.
  const said = words(undefined, json?.reason);
  if (status === 401 || status === 403) return keyRefused(said);
  if (said.providerMessage && (status === 200 || saysNotFound(said.providerMessage)))
    return { kind: "unclear", ...said };
  return status === 200 ? undefined : { kind: "unanswered", ...said };
}

/**
 * An order with an `error` has ended without a code, and the buyer has the money back: a public wallet shows each of them as
 * refunded (BlitzWallet/blitz-web-app, read 2026-11-30). Only words that say so prove it.
 */
function readEnd(order: unknown): LookupResult {
  const details = { providerMessage: "error", ...words(undefined, at(order, "error")) };
  if (hasCode(order)) return { kind: "unclear", ...details };
  if (statesCancelled(details.providerMessage)) return { kind: "cancelled", ...details };
  return { kind: "unclear", ...details, ...(saysNotFound(details.providerMessage) ? {} : { saysCancelled: true }) };
}

/** The page writes `OK` and `error`. */
function stateOf(json: unknown): string {
  return upper(at(json, "status"));
}

/** Undefined if the order shows no time of making that can be true. */
function ageOf(order: unknown, answeredAt: number): number | undefined {
  const ageMs = answeredAt - Number(at(order, "timestamp") ?? Number.NaN);
  return ageMs > -clockSkewMs ? ageMs : undefined;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === "" || value === false;
}

function hasCode(status: unknown): boolean {
  const code = at(status, "code");
  return typeof code === "string" && code.trim() !== "" && code !== "0";
}
