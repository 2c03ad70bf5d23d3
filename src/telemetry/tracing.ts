import {
  type Attributes,
  context,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { type OrderKey, orderKeyText } from "../domain/cancellation.ts";

/** The operator may preload an OpenTelemetry SDK. Without one this costs nothing and records nothing. */
const tracer = trace.getTracer("order-cancellation-subgraph");

export interface SpanOptions {
  name: string;
  attributes: Attributes;
  /** The requests that it works for. The first one is its parent; to the others it has links. */
  requests: readonly SpanContext[];
}

/** How the work within a span ended: attributes, and whether it failed. */
export interface SpanEnd {
  attributes: Attributes;
  failed: boolean;
}

/** Runs within a client span. Its attributes are only our own: no ids and nothing that the provider said. */
export function inSpan<T>(options: SpanOptions, run: () => Promise<T>, describe: (result: T) => SpanEnd): Promise<T> {
  const { name, attributes } = options;
  const [parent, ...others] = options.requests;
  const links: Link[] = others.map((other) => ({ context: other }));
  const from = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
  return tracer.startActiveSpan(name, { kind: SpanKind.CLIENT, attributes, links }, from, async (span) => {
    try {
      const result = await run();
      const end = describe(result);
      span.setAttributes(end.attributes);
      if (end.failed) span.setStatus({ code: SpanStatusCode.ERROR });
      return result;
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The span of the request that the calling code serves; undefined without an SDK. */
export function activeSpan(): SpanContext | undefined {
  return trace.getSpanContext(context.active());
}

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
