import { type Attributes, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";

/** The operator may preload an OpenTelemetry SDK. Without one this costs nothing and records nothing. */
const tracer = trace.getTracer("order-cancellation-subgraph");

/** Runs within a client span. Its attributes are only our own: no ids and nothing that the provider said. */
export function inSpan<T>(name: string, attributes: Attributes, run: () => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, { kind: SpanKind.CLIENT, attributes }, async (span) => {
    try {
      return await run();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
