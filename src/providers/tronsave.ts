import type { Outcome, RefusalCode, Standing } from "../domain/outcome.ts";
import { batchRefused, type Exchange, type Provider, type ProviderClient, type Wire } from "../domain/provider.ts";
import { at, isRecord, parseJson, upper } from "./json.ts";
import { type Answer, busy, refused, sortCancel, sortLookup, words } from "./sort.ts";

/** Tronsave, energy market on TRON: cancels "fast charge" orders, many in one request. */
export const tronsave: Provider = {
  description: "Tronsave, a market for TRON energy. Cancels fast-charge orders, up to a hundred in one request.",
  documentationUrl: "https://docs.tronsave.io/developers/api-reference/fast-charge/cancel-order",
  cancellableWhen: "Pending and not matched yet.",
  cancellableAfterSeconds: null,
  autoCancelledAfterSeconds: null,
  statusLookup: true,

  configure(settings) {
    const baseUrl = settings.url("TRONSAVE_BASE_URL", "https://api.tronsave.io");
    // "Rate limit: 1 request per 2 seconds" (cancel-order page, read 2026-11-21).
    const minIntervalMs = settings.integer("TRONSAVE_MIN_INTERVAL_MS", 2000, { min: 0, max: 600_000 });
    // The page names no greatest length; 100 ids make a body of about 3 kB.
    const maxBatchSize = settings.integer("TRONSAVE_MAX_BATCH_SIZE", 100, { min: 1, max: 1000 });
    const apiKey = settings.text("TRONSAVE_API_KEY");
    return {
      baseUrl,
      // Nile testnet (developers/environments, commit of 2026-07-24).
      testHosts: ["api-dev.tronsave.io"],
      maxBatchSize,
      minIntervalMs,
      concurrency: 1,
      secrets: apiKey ? [apiKey] : [],
      ...(apiKey ? { connect: (wire) => tronsaveClient({ apiKey }, wire) } : {}),
    };
  },
};

export interface TronsaveOptions {
  /** Key of the internal account whose orders these are. */
  apiKey: string;
}

/** The API of docs.tronsave.io/developers/api-reference/fast-charge: cancel-order and track-order, read 2026-11-21. */
export function tronsaveClient({ apiKey }: TronsaveOptions, wire: Wire): ProviderClient {
  const post = (path: string, orderIds: readonly string[]) =>
    wire.exchange({
      method: "POST",
      path,
      headers: { apikey: apiKey, "Content-Type": "application/json" },
      body: JSON.stringify({ order_ids: orderIds }),
    });

  return {
    // All examples are 24 hexadecimal digits.
    invalidId: (orderId) => (/[/\\]/.test(orderId) ? "it holds a slash" : undefined),

    cancel: async (orderIds) => {
      const exchange = await post("/v0/fast-charge-order-cancel", orderIds);
      if (orderIds.length > 1 && isRefusedAsAWhole(exchange)) return batchRefused;
      return orderIds.map((orderId) =>
        sortCancel(exchange, (answer) => readLoneId(answer) ?? readCancel(answer, orderId)),
      );
    },

    lookup: async (orderIds) => {
      const exchange = await post("/v0/fast-charge-order-tracking", orderIds);
      if (orderIds.length > 1 && isRefusedAsAWhole(exchange)) return batchRefused;
      return orderIds.map((orderId) => sortLookup(exchange, (answer) => readTracking(answer, orderId)));
    },
  };
}

/** A schema error may be one bad id's fault, and too large a body that of all together. */
function isRefusedAsAWhole(exchange: Exchange): boolean {
  if (exchange.kind !== "answered" || ![400, 413, 422].includes(exchange.status)) return false;
  const json = parseJson(exchange.text);
  return isRecord(json) && readError({ status: exchange.status, json, empty: false }) === undefined;
}

/**
 * "FST_ERR_VALIDATION" with status 400 is Fastify's schema check (cancel-order page): it runs before anything is acted on. Its
 * message names the first id, `body/order_ids/0`, if that is at fault (assumed from Fastify's messages).
 */
function readLoneId({ status, json }: Answer): Outcome | undefined {
  const message = json?.message;
  if (status !== 400 || json?.code !== "FST_ERR_VALIDATION" || typeof message !== "string") return undefined;
  if (!/order_ids[/.[]0/.test(message)) return undefined;
  return { ...words(json.code, message), kind: "refused", code: "REFUSED", malformedId: true };
}

function readCancel(answer: Answer, orderId: string): Outcome | undefined {
  if (answer.status !== 200) return readError(answer);
  const entry = entryOf(at(answer.json, "cancel_results"), orderId);
  const said = words(undefined, entry?.fail_reason);
  if (entry?.is_success === true && (entry.fail_reason ?? "") === "") return { kind: "cancelled" };
  if (entry?.is_success === false) return refused(reasonToCode(said.providerMessage ?? ""), said);
  return { kind: "unknown", ...said };
}

function readTracking(answer: Answer, orderId: string): Standing | undefined {
  if (answer.status !== 200) return undefined;
  const results = at(answer.json, "results");
  if (!Array.isArray(results)) return { kind: "unanswered" };
  const status = entryOf(results, orderId)?.status;
  const said = words(status, undefined);
  switch (upper(status)) {
    case "PENDING":
      return { kind: "open", ...said };
    case "MATCHED":
    case "COMPLETED":
      return { kind: "closed", code: "TOO_LATE", ...said };
    // Assumed: no page shows the token of a cancelled order.
    case "CANCELLED":
    case "CANCELED":
      return { kind: "cancelled", ...said };
    default:
      return { kind: "unclear", ...said };
  }
}

/** The one entry for this order, never found by position. Entries that contradict each other tell nothing. */
function entryOf(entries: unknown, orderId: string): Readonly<Record<string, unknown>> | undefined {
  if (!Array.isArray(entries)) return undefined;
  const own = entries.filter(isRecord).filter((entry) => entry.order_id === orderId);
  return own.every((entry) => JSON.stringify(entry) === JSON.stringify(own[0])) ? own[0] : undefined;
}

/** Three error shapes are documented; `TSAS:<n> <CODE>` stands inside the message and the text may change. */
function readError({ status, json }: Answer): Outcome | undefined {
  if (!json || status < 400 || status > 499) return undefined;
  const text = [json.message, ...Object.keys(json)].filter((part) => typeof part === "string").join(" ");
  const message = json.message ?? json.RATE_LIMIT ?? json.INVALID_API_KEY ?? json.API_KEY_REQUIRED;
  const said = words(json.code ?? /TSAS:\d+/.exec(text)?.[0], message);
  if (/rate.?limit/i.test(text)) return busy(said);
  if (/INVALID_API_KEY|API_KEY_REQUIRED/.test(text)) return refused("PROVIDER_REJECTED_CREDENTIALS", said);
  return undefined;
}

/** No page lists the reasons: only what speaks plainly is mapped, the rest is kept in their words. */
function reasonToCode(reason: string): RefusalCode {
  const text = reason.toLowerCase().replace(/[_-]+/g, " ");
  const notFound = /\bnot found\b|\b(does not|doesn't) exist\b|\bno such order\b/.test(text);
  const tooLate =
    /\b(matched|completed)\b/.test(text) && !/\b(not|un)\W*(yet |been |be )*(matched|completed)\b/.test(text);
  if (notFound === tooLate) return "REFUSED";
  return notFound ? "ORDER_NOT_FOUND" : "TOO_LATE";
}
