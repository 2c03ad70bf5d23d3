import { type Attributes, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";

/** Without an SDK, which is the operator's to preload, this costs nothing and records nothing. */
const tracer = trace.getTracer("order-cancellation-subgraph");

/** Runs within a client span. Attributes are ours alone: no ids, no words of the provider. */
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
