import { createHmac } from "node:crypto";
import { type Answer, jsonAnswer, noSuchRoute } from "./kit/answer.ts";
import { isJsonContent, isRecord, parseJson } from "./kit/body.ts";
import type { OrderBook, OrderState, SimulatedOrder } from "./kit/order-book.ts";
import type { Arrival, Call, Rules, RulesOptions } from "./kit/rules.ts";
import { sampleOrders } from "./kit/sample-orders.ts";

const API_KEY = "pk_test_sandbox";
const SECRET_KEY = "sk_test_secret";

/** `PAID` and `CANCELLED` are v3's words; for unpaid only the legacy API's token is known. */
const STATUS: Record<OrderState, string> = { open: "UN_PAID", completed: "PAID", cancelled: "CANCELLED" };

/**
 * Provider page: KwikPaisa v3, "Order Cancel" (OpenAPI 1.0.0); signature, timestamp, headers, status and error shapes
 * from its v3 guide.
 */
export const kwikpaisa: Rules = {
  samples: sampleOrders("90000000000"),
  defaultOrderAgeMs: 60 * 60_000,
  settings: (baseUrl) => ({
    KWIKPAISA_BASE_URL: baseUrl,
    KWIKPAISA_API_KEY: API_KEY,
    KWIKPAISA_SECRET_KEY: SECRET_KEY,
  }),
  read,
};

function read(request: Arrival, book: OrderBook, { timestampToleranceMs }: RulesOptions): Call {
  const operation = request.method === "POST" ? OPERATIONS[request.path] : undefined;
  if (operation === undefined) return { operation: "other", orderIds: [], answer: noSuchRoute };
  const body = parseJson(request.body);
  const orderId = isRecord(body) ? body.order_id : undefined;
  const orderIds = orderId === undefined ? [] : [String(orderId)];
  return {
    operation,
    orderIds,
    answer() {
      const failure = authenticationFailure(request, timestampToleranceMs);
      if (failure !== undefined) return refusal(401, failure);
      if (operation === "cancel") book.countCancel(orderIds);
      // 400 is "bad payload" and 422 "validation failure" in the guide; which of them when, and the words, are assumed.
      if (!isJsonContent(request.headers) || !isRecord(body)) return refusal(400, "Invalid request payload.");
      if (!request.headers.accept?.includes("application/json")) return refusal(400, "Accept header is required.");
      // The page's schema says string, although the guide's sample sends a number.
      if (typeof orderId !== "string" || orderId === "") return refusal(422, "The order_id field must be a string.");
      const order = book.orders.get(orderId);
      if (order === undefined) return refusal(404, "Order not found.");
      return operation === "cancel" ? cancel(order, book) : status(order);
    },
  };
}

const OPERATIONS: Record<string, "cancel" | "lookup"> = {
  "/api/v3/pg/order/cancel": "cancel",
  "/api/v3/pg/order/status": "lookup",
};

/** "Invalid signature." is the guide's; the other words are assumed, the 401 is not. */
function authenticationFailure({ at, headers, bytes }: Arrival, toleranceMs: number): string | undefined {
  const timestamp = headers["x-timestamp"];
  const signature = headers["x-signature"];
  if (typeof timestamp !== "string" || typeof signature !== "string") return "Missing authentication headers.";
  if (headers["x-api-key"] !== API_KEY) return "Invalid API key.";
  // UNIX seconds; milliseconds are some fifty thousand years ahead and fall out here.
  const isFresh = /^\d+$/.test(timestamp) && Math.abs(Number(timestamp) * 1000 - at) <= toleranceMs;
  if (!isFresh) return "Request timestamp expired.";
  const expected = createHmac("sha256", SECRET_KEY).update(bytes).update(timestamp).digest("hex");
  return signature === expected ? undefined : "Invalid signature.";
}

function cancel(order: SimulatedOrder, book: OrderBook): Answer {
  // The page knows 200, 401, 404 and 409 "Permission denied" only. Assumed: paid and cancelled orders both get the 409.
  if (order.state !== "open") return refusal(409, "Permission denied.");
  book.cancel(order);
  return success("Order cancelled successfully.", {
    order_id: printedId(order),
    order_status: "CANCELLED",
    cancelled_at: printedTime(order.cancelledAt ?? 0),
  });
}

function status(order: SimulatedOrder): Answer {
  const isPaid = order.state === "completed";
  return success("Order status fetched successfully.", {
    kwikX_order_id: `kp_00000000-0000-4000-8000-${order.id.slice(-12).padStart(12, "0")}`,
    order_id: printedId(order),
    order_amount: order.amount,
    currency: "INR",
    order_status: STATUS[order.state],
    payment_method: isPaid ? "UPI" : null,
    transaction_id: isPaid ? `TXN${order.id}` : null,
    created_at: printedTime(order.createdAt),
    paid_at: isPaid ? printedTime(order.createdAt) : null,
  });
}

/** Success says its code and status as strings … */
function success(message: string, returnData: Record<string, unknown>): Answer {
  return jsonAnswer(200, { code: "200", status: "success", message, return_data: returnData });
}

/** … and an error as number and boolean. */
function refusal(code: number, message: string): Answer {
  return jsonAnswer(code, { status: false, code, message });
}

/** The guide prints a number for an id sent as a string. What a number would distort stays text. */
function printedId({ id }: SimulatedOrder): string | number {
  return String(Number(id)) === id && Number.isSafeInteger(Number(id)) ? Number(id) : id;
}

/** `13-05-2026 09:14 AM`. The page names no time zone; assumed: India's, 5.5 hours ahead of UTC. */
function printedTime(epochMs: number): string {
  const [year, month, day, hour, minute] = new Date(epochMs + 5.5 * 3_600_000).toISOString().split(/[-T:]/);
  const hourOfHalfDay = String(Number(hour) % 12 || 12).padStart(2, "0");
  return `${day}-${month}-${year} ${hourOfHalfDay}:${minute} ${Number(hour) < 12 ? "AM" : "PM"}`;
}
