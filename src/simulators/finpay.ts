import { randomUUID } from "node:crypto";
import { type Answer, jsonAnswer, noSuchRoute } from "./kit/answer.ts";
import { isJsonContent, isRecord, parseJson } from "./kit/body.ts";
import type { OrderBook, OrderState, SimulatedOrder } from "./kit/order-book.ts";
import type { Arrival, Call, Rules } from "./kit/rules.ts";
import { sampleOrders } from "./kit/sample-orders.ts";

/** Finpay's own published example of its Basic authentication. */
const MERCHANT_ID = "FINPAY770";
const MERCHANT_KEY = "SoSecret123";
const AUTHORIZATION = `Basic ${Buffer.from(`${MERCHANT_ID}:${MERCHANT_KEY}`).toString("base64")}`;

/** `REQUEST_INITIATED` was seen live and `PAID` is in the callback's page; the token for cancelled is assumed. */
const STATUS: Record<OrderState, string> = { open: "REQUEST_INITIATED", completed: "PAID", cancelled: "CANCELLED" };

/** Provider page: Finpay, "Cancel Order"; the look-up is its "Status Check Payment Gateway". */
export const finpay: Rules = {
  samples: sampleOrders("FK0000000000000"),
  defaultOrderAgeMs: 60 * 60_000,
  settings: (baseUrl) => ({
    FINPAY_BASE_URL: baseUrl,
    FINPAY_MERCHANT_ID: MERCHANT_ID,
    FINPAY_MERCHANT_KEY: MERCHANT_KEY,
  }),
  read,
};

function read(request: Arrival, book: OrderBook): Call {
  const { action, orderId } = route(request);
  if (orderId === undefined) return { operation: "other", orderIds: [], answer: noSuchRoute };
  return {
    operation: action === "cancel" ? "cancel" : "lookup",
    orderIds: [orderId],
    answer() {
      // HTTP 401 and 4010000 for a wrong key: third-party client tests.
      if (request.headers.authorization !== AUTHORIZATION) return refusal("4010000", "Unauthorized");
      return action === "cancel" ? cancel(request, orderId, book) : check(orderId, book);
    },
  };
}

function route({ method, path }: Arrival): { action?: string; orderId?: string } {
  const [, action, segment] = /^\/pg\/payment\/card\/(cancel|check)\/([^/?#]+)$/.exec(path) ?? [];
  if (method !== "GET" || action === undefined || segment === undefined) return {};
  try {
    return { action, orderId: decodeURIComponent(segment) };
  } catch {
    return {};
  }
}

function cancel(request: Arrival, orderId: string, book: OrderBook): Answer {
  book.countCancel([orderId]);
  const order = book.orders.get(orderId);
  const fault = bodyFault(request, orderId, order);
  if (fault !== undefined) return refusal("4000001", `Invalid Mandatory Field ${fault}`);
  if (order === undefined) return notFound();
  // Seen live for orders that cannot be cancelled; a 404 in the code and yet not "not found". Repeating: assumed the same.
  if (order.state !== "open") return refusal("4040100", "Invalid Transaction Status");
  book.cancel(order);
  return jsonAnswer(200, { ...head("2000000", "Request has been processed successfully"), traceId: randomUUID() });
}

/**
 * Which part of the body is wrong. The page calls `order` mandatory, but bare GETs were seen to cancel live, so a body
 * may be missing and must be right when it is there. Which code a wrong one gets is assumed: 4000001 is what a missing
 * mandatory field gets on "initiate".
 */
function bodyFault(request: Arrival, orderId: string, order: SimulatedOrder | undefined): string | undefined {
  if (request.body === "") return undefined;
  const body = isJsonContent(request.headers) ? parseJson(request.body) : undefined;
  if (!isRecord(body) || !isRecord(body.order)) return "order";
  const { id, amount } = body.order;
  if (id !== orderId) return "order.id";
  const isRight = typeof amount === "string" && (order === undefined || amount === order.amount);
  return isRight ? undefined : "order.amount";
}

function check(orderId: string, book: OrderBook): Answer {
  const order = book.orders.get(orderId);
  if (order === undefined) return notFound();
  const { amount, state } = order;
  return jsonAnswer(200, {
    ...head("2000000", "Success"),
    data: {
      customer: { id: "sandbox-customer" },
      order: { id: orderId, reference: orderId, amount, currency: "IDR" },
      card: {},
      meta: {},
      result: { payment: { amount, status: STATUS[state], statusDesc: STATUS[state] } },
    },
  });
}

/** Assumed: service 01 as in 4040100, case 01 as in the BI-SNAP layout that the codes follow. */
function notFound(): Answer {
  return refusal("4040101", "Transaction Not Found");
}

/** The code begins with the HTTP status. */
function refusal(responseCode: string, responseMessage: string): Answer {
  return jsonAnswer(Number(responseCode.slice(0, 3)), head(responseCode, responseMessage));
}

function head(responseCode: string, responseMessage: string) {
  // Seconds, going by the page's sample of 0.24898290634155273.
  return { responseCode, responseMessage, processingTime: Math.random() / 4 };
}
