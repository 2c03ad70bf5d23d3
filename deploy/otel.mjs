// Traces by OpenTelemetry: node --import ./otel.mjs dist/main.js
//
// It needs these packages beside the service's own (the versions are those that the tests run):
//   npm install --no-save @opentelemetry/sdk-node@0.223.0 @opentelemetry/instrumentation-http@0.223.0 \
//     @opentelemetry/instrumentation-graphql@0.71.0 @opentelemetry/instrumentation-pg@0.75.0
//
// OTEL_EXPORTER_OTLP_ENDPOINT names the collector; OTEL_TRACES_SAMPLER and the like work as they always do. Spans of the last
// second before the process ends may be lost (OTEL_BSP_SCHEDULE_DELAY).
import { GraphQLInstrumentation } from "@opentelemetry/instrumentation-graphql";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { PgInstrumentation } from "@opentelemetry/instrumentation-pg";
import { NodeSDK } from "@opentelemetry/sdk-node";

process.env.OTEL_SERVICE_NAME ??= "order-cancellation";
process.env.OTEL_BSP_SCHEDULE_DELAY ??= "1000";

new NodeSDK({
  instrumentations: [
    new HttpInstrumentation({
      // Probes and scrapes would be most of all traces.
      ignoreIncomingRequestHook: ({ url }) => /^\/(healthz|readyz|metrics)$/.test(url ?? ""),
    }),
    // Without this there are hundreds of spans in one request.
    new GraphQLInstrumentation({ ignoreResolveSpans: true }),
    // Only queries within a request: the background loop asks all the time.
    new PgInstrumentation({ requireParentSpan: true }),
    // Never instrumentation-undici: it would send traceparent, tracestate and baggage to providers. The service has spans of
    // its own for what it asks of them.
  ],
}).start();
