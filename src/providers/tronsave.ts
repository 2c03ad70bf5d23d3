import DataLoader from "dataloader";
import type { BatchRefused, LookupResult, Outcome, ProviderDetails } from "../domain/outcome.ts";
import type { Exchange, HttpClient, Provider, ProviderClient } from "../domain/provider.ts";
import type { Answer } from "./answers/answer.ts";
import { busy, classifyCancels, classifyLookups, keyRefused } from "./answers/classify.ts";
import { words } from "./answers/details.ts";
import { at, comparable, isRecord, upper } from "./answers/json.ts";
import { heedWords, refused, refusedUnproven } from "./answers/refusal.ts";
import { saysNotFound, saysTooLate } from "./answers/vocabulary.ts";

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
    // "1 request per 2 seconds for this endpoint", say the pages of cancel, confirm and history (commit of 2026-07-24). That of
    // tracking does not say "for this endpoint".
    const jointLimit = settings.flag("TRONSAVE_JOINT_LIMIT") ?? false;
    const apiKey = settings.secret("TRONSAVE_API_KEY");
    return {
      baseUrl,
      // Nile testnet (developers/environments, commit of 2026-07-24).
      testHosts: ["api-dev.tronsave.io"],
      maxBatchSize,
      minIntervalMs,
      ownLookupLimit: !jointLimit,
      concurrency: 1,
      secrets: apiKey ? [apiKey] : [],
      connect: apiKey ? (http) => tronsaveClient({ apiKey, maxBatchSize }, http) : undefined,
    };
  },
};

export interface TronsaveOptions {
  /** Key of the internal account whose orders these are. */
  apiKey: string;
  /** Most orders one request can carry. */
  maxBatchSize: number;
}

/** The API of docs.tronsave.io/developers/api-reference/fast-charge: cancel-order and track-order, read 2026-11-21. */
export function tronsaveClient({ apiKey, maxBatchSize }: TronsaveOptions, http: HttpClient): ProviderClient {
  const cancels = batchesTo("/v0/fast-charge-order-cancel", (exchange, ids) =>
    classifyCancels(exchange, ids, (answer) => readBatch(answer, ids.length) ?? readCancels(answer)),
  );
  const lookups = batchesTo("/v0/fast-charge-order-tracking", (exchange, ids) =>
    classifyLookups(exchange, ids, (answer) => readBatch(answer, ids.length) ?? readTracking(answer)),
  );

  return {
    // All examples are 24 hexadecimal digits.
    invalidId: (orderId) => (/[/\\]/.test(orderId) ? "it holds a slash" : undefined),
    cancel: (orderId) => cancels.load(orderId),
    lookup: (orderId) => lookups.load(orderId),
  };

  /** Each ask is sent: nothing is cached. */
  function batchesTo<Meaning>(path: string, classify: (exchange: Exchange, ids: readonly string[]) => Meaning[]) {
    return new DataLoader<string, Meaning>(
      async (orderIds) => {
        const body = JSON.stringify({ order_ids: orderIds });
        const headers = { apikey: apiKey, "Content-Type": "application/json" };
        const exchange = await http.exchange({ method: "POST", path, headers, body });
        return classify(exchange, orderIds);
      },
      { cache: false, maxBatchSize },
    );
  }
}

/** Whether it refuses a batch of several: one bad id may have caused that, or all ids together made the body too large. */
function readBatch(answer: Answer, orders: number): (() => BatchRefused) | undefined {
  const { status, json } = answer;
  if (orders === 1 || Array.isArray(json?.cancel_results ?? json?.results)) return undefined;
  const outcome = readError(answer);
  // In every shape, known or not.
  const isOfBatch =
    outcome === undefined || (json && isFrameworks(json, status))
      ? [400, 413, 422].includes(status)
      : isRefused(outcome);
  return isOfBatch ? () => ({ kind: "batchRefused", orders }) : undefined;
}

function isRefused(outcome: Outcome): boolean {
  return outcome.kind === "refused" && outcome.code === "REFUSED";
}

function readCancels(answer: Answer): (orderId: string) => Outcome | undefined {
  const results = answer.status === 200 ? at(answer.json, "cancel_results") : undefined;
  if (!Array.isArray(results)) {
    const outcome = readError(answer);
    return () => outcome;
  }
  const entryOf = indexEntries(results);
  // Words beside the results speak of all orders.
  const besides = { ...answer.json, cancel_results: undefined };
  return (orderId) => {
    const entry = entryOf(orderId);
    return heedWords(readEntry(entry), [entry, besides]);
  };
}

function readEntry(entry: Entry | undefined): Outcome {
  const details = words(undefined, entry?.fail_reason);
  if (entry?.is_success === true && (entry.fail_reason ?? "") === "") return { kind: "cancelled" };
  return entry?.is_success === false ? readReason(details) : { kind: "unknown", ...details };
}

function readTracking(answer: Answer): (orderId: string) => LookupResult | undefined {
  const refusal = readError(answer);
  if (refusal?.kind === "refused" && refusal.code === "PROVIDER_REJECTED_CREDENTIALS") {
    const result = keyRefused(words(refusal.providerCode, refusal.providerMessage));
    return () => result;
  }
  const results = answer.status === 200 ? at(answer.json, "results") : undefined;
  if (!Array.isArray(results)) return () => undefined;
  const entryOf = indexEntries(results);
  return (orderId) => toLookupResult(entryOf(orderId)?.status);
}

function toLookupResult(status: unknown): LookupResult {
  const details = words(status, undefined);
  switch (upper(status)) {
    case "PENDING":
      return { kind: "open", ...details };
    case "MATCHED":
    case "COMPLETED":
      return { kind: "closed", code: "TOO_LATE", ...details };
    // Assumed: no page shows the token of a cancelled order.
    case "CANCELLED":
    case "CANCELED":
      return { kind: "cancelled", ...details };
    // So a state that no page has may be that token. An answer without a state says nothing.
    default:
      return { kind: "unclear", ...details, ...(details.providerCode ? { saysCancelled: true } : {}) };
  }
}

type Entry = Readonly<Record<string, unknown>>;

/** Finds the one entry for an order, never by position. Entries that contradict each other tell nothing. */
function indexEntries(entries: unknown): (orderId: string) => Entry | undefined {
  const records = Array.isArray(entries) ? entries.filter(isRecord) : [];
  const byOrder = Map.groupBy(records, ({ order_id }) => comparable(order_id));
  return (orderId) => {
    const [first, ...others] = byOrder.get(comparable(orderId)) ?? [];
    return others.every((entry) => JSON.stringify(entry) === JSON.stringify(first)) ? first : undefined;
  };
}

/** The table of developers/errors-and-rate-limits ("use the code (the JSON key)", read 2026-11-30), but for busy and keys. */
const errorCodes = [
  "MISSING_PARAMS",
  "INVALID_PARAMS",
  "MIN_PRICE_INVALID",
  "INTERNAL_ACCOUNT_NOT_FOUND",
  "INTERNAL_BALANCE_ACCOUNT_TOO_LOW",
  "CANNOT_FULFILLED",
  "MUST_BE_WAIT_PREVIOUS_ORDER_FILLED",
  "PRICE_EXCEED_MAX_PRICE_REQUIRED",
];
const keyCodes = ["API_KEY_REQUIRED", "INVALID_API_KEY"];

/**
 * Their own format, in the three shapes that are documented: `{ error: true, message }`, in whose message the code stands
 * as `TSAS:<n> <CODE>` and the text may change; one property named by the code; and the web framework's own.
 */
function readError({ status, json }: Answer): Outcome | undefined {
  if (!json || (status !== 200 && (status < 400 || status > 499))) return undefined;
  const isGuarded = status === 401 || status === 403;
  if (isFrameworks(json, status)) {
    const refusal = refused(isGuarded ? "PROVIDER_REJECTED_CREDENTIALS" : "REFUSED", words(json.code, json.message));
    return heedWords(namesFirstId(json) ? { ...refusal, malformedId: true } : refusal, json);
  }
  const named = [...keyCodes, "RATE_LIMIT", ...errorCodes].find((code) => typeof json[code] === "string");
  if (!named && json.error !== true) return undefined;
  const message = named ? json[named] : json.message;
  const text = `${named ?? ""} ${message}`;
  const details = words(named ?? /TSAS:\d+/.exec(text)?.[0], message);
  if (/rate.?limit/i.test(text)) return busy(details);
  const isOfKey = isGuarded || keyCodes.some((code) => text.includes(code));
  if (isOfKey) return heedWords(refused("PROVIDER_REJECTED_CREDENTIALS", details), json);
  return details.providerMessage ? heedWords(refusedUnproven("REFUSED", details), json) : undefined;
}

/** Fastify refuses before an order is looked at: by the key, by the schema, by its limits, or because of the path. */
function isFrameworks(json: Entry, status: number): boolean {
  const isShape = json.statusCode === String(status) && typeof json.error === "string";
  if (status === 401 || status === 403) return isShape;
  return isShape && (/^FST_ERR_/.test(String(json.code)) || /^Route .+ not found$/.test(String(json.message)));
}

/**
 * The schema check runs before anything is acted on. Its message names the id by its place (assumed from Fastify's messages, as
 * "body/order_ids/0 must be string"); a batch of several is sent in halves until the id at fault stands alone.
 */
function namesFirstId(json: Entry): boolean {
  return json.code === "FST_ERR_VALIDATION" && /\border_ids[/.[]0\b/.test(String(json.message));
}

/** No page lists the reasons. "Matched" and "completed" are words of the pages; after any other the order is looked up. */
function readReason(details: ProviderDetails): Outcome {
  const reason = details.providerMessage ?? "";
  const [isUnknown, isTooLate] = [saysNotFound(reason), saysTooLate(reason)];
  if (isUnknown === isTooLate) return refusedUnproven("REFUSED", details);
  if (isUnknown) return refusedUnproven("ORDER_NOT_FOUND", details);
  const isOnPage = /(?<!un)(matched|completed)/i.test(reason);
  return isOnPage ? refused("TOO_LATE", details) : refusedUnproven("TOO_LATE", details);
}
