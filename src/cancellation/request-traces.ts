import type { SpanContext } from "@opentelemetry/api";
import type { OrderKey } from "../domain/cancellation.ts";
import { orderKeyText } from "../domain/order-key.ts";

/** Remembers which request asked for an order, because the order may leave much later, in a batch with those of other requests. */
export interface RequestTraces {
  /** The request asks for these orders. Nothing is remembered for a request without a trace. */
  note(keys: readonly OrderKey[], request: SpanContext | undefined): void;
  /** The distinct requests that asked for these orders. */
  of(keys: readonly OrderKey[]): SpanContext[];
}

/** Most orders that are remembered; the oldest are forgotten first. One takes about 300 bytes. */
const mostOrders = 10_000;

export function createRequestTraces(): RequestTraces {
  const requests = new Map<string, SpanContext>();

  return {
    note: (keys, request) => {
      if (!request) return;
      for (const text of keys.map(orderKeyText)) {
        requests.delete(text);
        requests.set(text, request);
      }
      for (const text of requests.keys()) {
        if (requests.size <= mostOrders) break;
        requests.delete(text);
      }
    },
    of: (keys) => {
      if (requests.size === 0) return [];
      const found = keys.flatMap((key) => requests.get(orderKeyText(key)) ?? []);
      return [...new Map(found.map((request) => [request.spanId, request])).values()];
    },
  };
}
