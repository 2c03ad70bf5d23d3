import { type Answer, jsonAnswer, noSuchRoute } from "./kit/answer.ts";
import type { OrderBook, SimulatedOrder } from "./kit/order-book.ts";
import type { Arrival, Call, Rules } from "./kit/rules.ts";
import { sampleOrders } from "./kit/sample-orders.ts";

const CANCELLABLE_AFTER_MS = 2 * 60_000;
const AUTO_CANCELLED_AFTER_MS = 21 * 60_000;

/** Provider page: sms4sats, "Cancel Order"; the look-up is its "Get Order Status". Neither asks for a key. */
export const sms4sats: Rules = {
  samples: sampleOrders(`5a4db0c5${"0".repeat(54)}`),
  defaultOrderAgeMs: 10 * 60_000,
  samplesStayYoung: true,
  settings: (baseUrl) => ({ SMS4SATS_ENABLED: "true", SMS4SATS_BASE_URL: baseUrl }),
  read,
};

function read(request: Arrival, book: OrderBook): Call {
  const [path = "", query] = request.path.split(/\?(.*)/s);
  const operation = request.method === "GET" ? OPERATIONS[path] : undefined;
  if (operation === undefined) return { operation: "other", orderIds: [], answer: noSuchRoute };
  const orderIds = new URLSearchParams(query).getAll("orderId");
  return {
    operation,
    orderIds,
    answer() {
      if (operation === "cancel") book.countCancel(orderIds);
      const [orderId] = orderIds;
      if (!orderId || orderIds.length > 1) return refusal("orderId is required");
      const order = book.orders.get(orderId);
      if (order === undefined) return refusal("order not found");
      return operation === "cancel" ? cancel(order, book, request.at) : orderStatus(order);
    },
  };
}

const OPERATIONS: Record<string, "cancel" | "lookup"> = { "/cancelorder": "cancel", "/orderstatus": "lookup" };

function cancel(order: SimulatedOrder, book: OrderBook, at: number): Answer {
  const ageMs = at - order.createdAt;
  if (order.state === "completed") return refusal("activation code already received");
  if (order.state === "cancelled" || ageMs >= AUTO_CANCELLED_AFTER_MS) return refusal("order already canceled");
  if (ageMs < CANCELLABLE_AFTER_MS) return refusal("order can not be canceled yet, please wait 2 minutes");
  book.cancel(order);
  return jsonAnswer(200, { status: "OK" });
}

/**
 * The page shows one canceled order, as `OK` with an `error`. Whether all are shown so is unknown. Here none is: it looks like one that
 * still waits for its code.
 */
function orderStatus(order: SimulatedOrder): Answer {
  return jsonAnswer(200, {
    status: "OK",
    paid: true,
    code: order.state === "completed" ? 421337 : undefined,
    id: 1000001,
    number: "10000000000",
    timestamp: order.createdAt,
    country: "999",
    service: "other",
  });
}

/** The page's only reason is "unable to save data", for a failure inside; all the reasons here are assumed. */
function refusal(reason: string): Answer {
  return jsonAnswer(500, { status: "error", reason });
}
