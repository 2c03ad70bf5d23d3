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
