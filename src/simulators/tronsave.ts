import { type Answer, jsonAnswer } from "./kit/answer.ts";
import { isJsonContent, isRecord, parseJson } from "./kit/body.ts";
import type { OrderBook, OrderState } from "./kit/order-book.ts";
import type { Arrival, Call, RateLimit, Rules } from "./kit/rules.ts";
import { sampleOrders } from "./kit/sample-orders.ts";

const API_KEY = "tronsave-sandbox-key";

/** The tracking sample shows the first two; the word for a cancelled order is assumed. */
const STATUS: Record<OrderState, string> = { open: "Pending", completed: "Completed", cancelled: "Cancelled" };

/** "1 request per 2 seconds" (cancel-order page, read 2026-11-21). */
const ownIntervalMs = 2000;

const samples = sampleOrders("5a4db0c500000000000000");

/** Provider page: Tronsave, "Cancel order" and "Track order" of fast charge v0 (tronsave-docs-en, 2026-07-24). */
export const tronsave: Rules = {
  samples,
  defaultOrderAgeMs: 60 * 60_000,
  settings: (baseUrl, { minIntervalMs = ownIntervalMs, jointLimit = false }) => ({
    TRONSAVE_BASE_URL: baseUrl,
    TRONSAVE_API_KEY: API_KEY,
    TRONSAVE_MIN_INTERVAL_MS: String(minIntervalMs),
    TRONSAVE_JOINT_LIMIT: String(jointLimit),
  }),
  read,
  createLimit: ({ minIntervalMs = ownIntervalMs, jointLimit = false }) => createLimit(minIntervalMs, jointLimit),
};

function read(request: Arrival, book: OrderBook): Call {
  const operation = request.method === "POST" ? OPERATIONS[request.path] : undefined;
  if (operation === undefined) return { operation: "other", orderIds: [], answer: () => noSuchRoute(request) };
  const body = parseJson(request.body);
  const named = isRecord(body) && Array.isArray(body.order_ids) ? (body.order_ids as unknown[]) : [];
  const orderIds = named.filter((id) => typeof id === "string");
  return {
    operation,
    orderIds,
    answer() {
      const { apikey } = request.headers;
      if (!apikey) return jsonAnswer(401, { error: true, message: "TSAS:106 API_KEY_REQUIRED" });
      if (apikey !== API_KEY) return jsonAnswer(401, { error: true, message: "TSAS:107 INVALID_API_KEY" });
      if (operation === "cancel") book.countCancel(orderIds);
      const refusal = contentRefusal(request, body) ?? validationRefusal(body);
      if (refusal !== undefined) return refusal;
      // The order of results is not documented: the reverse of what was asked is as good as any.
      const distinctIds = [...new Set(orderIds)].filter((id) => id !== samples.troubled.unclear).reverse();
      return operation === "cancel" ? cancel(distinctIds, book) : track(distinctIds, book);
    },
  };
}

const OPERATIONS: Record<string, "cancel" | "lookup"> = {
  "/v0/fast-charge-order-cancel": "cancel",
  "/v0/fast-charge-order-tracking": "lookup",
};

function noSuchRoute({ method, path }: Arrival): Answer {
  return jsonAnswer(404, { message: `Route ${method}:${path} not found`, error: "Not Found", statusCode: 404 });
}

/** Assumed: Fastify's own refusals, since its validation errors are on the page. */
function contentRefusal(request: Arrival, body: unknown): Answer | undefined {
  if (!isJsonContent(request.headers)) {
    return fastifyError(415, "FST_ERR_CTP_INVALID_MEDIA_TYPE", "Unsupported Media Type", "Unsupported Media Type");
  }
  const message = "Body is not valid JSON but content-type is set to 'application/json'";
  return body === undefined ? fastifyError(400, "FST_ERR_CTP_INVALID_JSON_BODY", "Bad Request", message) : undefined;
}

/** The first message is the page's. Assumed: the rest of the schema, and that one bad id refuses the whole batch. */
function validationRefusal(body: unknown): Answer | undefined {
  const invalid = (message: string) => fastifyError(400, "FST_ERR_VALIDATION", "Bad Request", message);
  if (!isRecord(body)) return invalid("body must be object");
  if (!("order_ids" in body)) return invalid("body must have required property 'order_ids'");
  if (!Array.isArray(body.order_ids)) return invalid("body/order_ids must be array");
  if (body.order_ids.length === 0) return invalid("body/order_ids must NOT have fewer than 1 items");
  for (const [index, id] of body.order_ids.entries()) {
    if (typeof id !== "string") return invalid(`body/order_ids/${index} must be string`);
    if (!/^[A-Za-z0-9_-]+$/.test(id)) {
      return invalid(`body/order_ids/${index} must match pattern "^[A-Za-z0-9_-]+$"`);
    }
  }
  return undefined;
}

function fastifyError(statusCode: number, code: string, error: string, message: string): Answer {
  return jsonAnswer(statusCode, { statusCode, code, error, message });
}

function cancel(ids: readonly string[], book: OrderBook): Answer {
  const results = ids.map((id) => {
    const failReason = cancelOne(id, book);
    return { order_id: id, is_success: failReason === null, fail_reason: failReason };
  });
  return jsonAnswer(200, { cancel_results: results });
}

/** The reason it failed, or null. No source lists a reason: all assumed. */
function cancelOne(id: string, book: OrderBook): string | null {
  const order = book.orders.get(id);
  if (order === undefined) return "Order not found";
  if (order.state === "completed") return "Order has been matched";
  if (order.state === "cancelled") return "Order was cancelled before";
  book.cancel(order);
  return null;
}

/** Assumed: an unknown id is left out. */
function track(ids: readonly string[], book: OrderBook): Answer {
  const known = ids.map((id) => book.orders.get(id)).filter((order) => order !== undefined);
  return jsonAnswer(200, { results: known.map(({ id, state }) => ({ order_id: id, status: STATUS[state] })) });
}

/** Two clock readings of whole milliseconds, at either end of a connection, may differ by this much from the true distance. */
const CLOCK_GRANULARITY_MS = 5;

/**
 * One request per interval, between arrivals: "for this endpoint", say three pages. Assumed: that it holds for tracking, too, comes before
 * the key is looked at, and that a refused request does not push it out.
 */
function createLimit(minIntervalMs: number, joint: boolean): RateLimit {
  const admittedAt = new Map<string, number>();
  return {
    admits({ at, path }) {
      const endpoint = /^\/v0\/fast-charge-order-(cancel|tracking|request|confirmation|history)(\?|$)/.exec(path)?.[1];
      if (endpoint === undefined) return true;
      const limited = joint ? "all" : endpoint;
      if (at - (admittedAt.get(limited) ?? Number.NEGATIVE_INFINITY) < minIntervalMs - CLOCK_GRANULARITY_MS)
        return false;
      admittedAt.set(limited, at);
      return true;
    },
    refusal: jsonAnswer(429, { error: true, message: "Rate limit reached" }),
  };
}
