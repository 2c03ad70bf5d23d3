import { createHash, createHmac } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { type Answer, jsonAnswer, noSuchRoute } from "./kit/answer.ts";
import { isJsonContent, isRecord, parseJson } from "./kit/body.ts";
import type { OrderBook, OrderState, SimulatedOrder } from "./kit/order-book.ts";
import type { Arrival, Call, Rules, RulesOptions } from "./kit/rules.ts";
import { sampleOrders } from "./kit/sample-orders.ts";

const API_KEY = "API_KEY";
const API_SECRET = "API_SECRET";

/** The merchant widget's table: 0 waiting for payment, 2 payment completed, -3 cancelled. */
const STATUS: Record<OrderState, number> = { open: 0, completed: 2, cancelled: -3 };

/** Provider page: Onramp.money, "Cancel Order"; "Get Order", error codes and time synchronisation from its other pages. */
export const onramp: Rules = {
  samples: sampleOrders("9000", ["5a4db0c5000000000000000000000001"]),
  defaultOrderAgeMs: 60 * 60_000,
  settings: (baseUrl) => ({
    ONRAMP_BASE_URL: baseUrl,
    ONRAMP_API_KEY: API_KEY,
    ONRAMP_API_SECRET: API_SECRET,
  }),
  read,
};

function read(request: Arrival, book: OrderBook, { timestampToleranceMs }: RulesOptions): Call {
  if (request.method === "GET" && request.path === "/onramp/api/v2/common/public/currentTimestamp") {
    return { operation: "other", orderIds: [], answer: () => success(request.at) };
  }
  const operation = request.method === "POST" ? OPERATIONS[request.path] : undefined;
  if (operation === undefined) return { operation: "other", orderIds: [], answer: noSuchRoute };
  const body = parseJson(request.body);
  const named = isRecord(body) ? [body.orderId, body.hash].filter((id) => id !== undefined) : [];
  const orderIds = named.map(String);
  return {
    operation,
    orderIds,
    answer() {
      const failure = authenticationFailure(request, body, timestampToleranceMs);
      if (failure !== undefined) return refusal(401, failure);
      if (operation === "cancel") book.countCancel(orderIds);
      const [id] = named;
      if (!isJsonContent(request.headers) || named.length !== 1) {
        return refusal(400, "Please provide either orderId or hash");
      }
      // The error table's 409; 400 above is its "invalid request".
      if (typeof id !== "string") return refusal(409, "Parameter type not correct");
      const order = book.orders.get(id);
      // "Order doesn't exist any more" is the error table's text for 417; that it also means unknown is assumed.
      if (order === undefined || !isUnderItsKey(order, body)) return refusal(417, "Order doesn't exist any more");
      return operation === "cancel" ? cancel(order, book) : getOrder(order);
    },
  };
}

const OPERATIONS: Record<string, "cancel" | "lookup"> = {
  "/onramp-merchants/widget/cancelOrder": "cancel",
  "/onramp-merchants/widget/getOrder": "lookup",
};

/** 401 is documented for all of these, the words only for "Ahead of Time". */
function authenticationFailure({ at, headers }: Arrival, body: unknown, toleranceMs: number): string | undefined {
  const payload = headers["x-onramp-payload"];
  const signature = headers["x-onramp-signature"];
  if (headers["x-onramp-apikey"] !== API_KEY) return "Invalid api key";
  if (typeof payload !== "string" || typeof signature !== "string") return "Missing payload or signature";
  const expected = createHmac("sha512", API_SECRET).update(payload).digest("hex");
  if (signature !== expected) return "Invalid signature";
  const decoded = Buffer.from(payload, "base64");
  // Node skips over what is not base64; a second encoding shows whether there was any.
  const content = decoded.toString("base64") === payload ? parseJson(decoded.toString("utf8")) : undefined;
  if (!isRecord(content) || !isDeepStrictEqual(content.body, body)) return "Invalid payload";
  const { timestamp } = content;
  const isInTime = typeof timestamp === "number" && Math.abs(timestamp - at) <= toleranceMs;
  return isInTime ? undefined : "Ahead of Time";
}

/** An intent's hash is no orderId and the other way round; by our convention an orderId is digits only. */
function isUnderItsKey({ id }: SimulatedOrder, body: unknown): boolean {
  return isRecord(body) && body[/^\d+$/.test(id) ? "orderId" : "hash"] === id;
}

function cancel(order: SimulatedOrder, book: OrderBook): Answer {
  // Assumed, both: no page says how it refuses. 400 is "invalid request"; an error inside an HTTP 200 is not excluded.
  if (order.state === "completed") return refusal(400, "Payment already completed, order can not be cancelled");
  if (order.state === "cancelled") return { ...refusal(417, "Order doesn't exist any more"), status: 200 };
  book.cancel(order);
  return success({ orderId: String(numberOf(order)), status: -3 });
}

function getOrder(order: SimulatedOrder): Answer {
  const startTime = Math.floor(order.createdAt / 1000);
  return success({
    orderId: numberOf(order),
    coinId: 54,
    chainId: 3,
    coinAmount: Number(order.amount),
    status: STATUS[order.state],
    startTime,
    endTime: startTime + 1800,
    depositHash: "",
  });
}

/** What stands behind a hash has an order number of its own, and answers name that. Made up, but always the same. */
function numberOf({ id }: SimulatedOrder): number {
  return /^\d+$/.test(id) ? Number(id) : createHash("sha256").update(id).digest().readUInt16BE();
}

function success(data: unknown): Answer {
  return jsonAnswer(200, { status: 1, data, code: 200 });
}

/** Outer status 0, an `error` field, and a `code` that repeats the HTTP status; how they go together is assumed. */
function refusal(code: number, error: string): Answer {
  return jsonAnswer(code, { status: 0, error, code });
}
