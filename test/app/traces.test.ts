import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { ReceivedRequest } from "../../src/simulators/kit/simulator.ts";
import { firstLook, startSimulators } from "../../src/simulators/simulators.ts";
import { post } from "../support/post.ts";
import { startServerProcess } from "../support/process.ts";
import { cancelOrders, simulatorOf } from "../support/service.ts";
import { sharedPostgres } from "../support/shared-postgres.ts";

/** The recipe of deploy/otel.mjs: the built service, PostgreSQL, and a collector that keeps in memory what it gets. */
const recipe = fileURLToPath(new URL("../../deploy/otel.mjs", import.meta.url));

const traceId = randomBytes(16).toString("hex");
const callerSpanId = randomBytes(8).toString("hex");
const headers = { traceparent: `00-${traceId}-${callerSpanId}-01`, tracestate: "vendor=opaque", baggage: "user=alice" };

/** A part of OTLP's span (opentelemetry-proto 1, trace/v1), as JSON. */
interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: { key: string; value: Record<string, unknown> }[];
  /** The library that made it. */
  library: string;
}

const spans: Span[] = [];
let sent: readonly ReceivedRequest[];
const closing: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  const collectorUrl = await startCollector();
  const simulators = await startSimulators();
  closing.push(simulators.close);
  const postgres = await sharedPostgres();
  const settings = {
    ...{ ...simulators.settings, SANDBOX: "false", DATABASE_URL: postgres.url() },
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" },
    ...{ OTEL_METRICS_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none", OTEL_BSP_SCHEDULE_DELAY: "50" },
  };
  const server = await startServerProcess(settings, { preload: recipe });
  closing.push(server.kill);

  for (const path of ["/healthz", "/readyz", "/metrics"]) await fetch(server.at(path));
  const variables = { provider: "ONRAMP", ids: [firstLook.ONRAMP.cancellable] };
  const { data } = await post(server.url, { query: cancelOrders, variables }, { headers });
  expect(data.cancelOrders.orders[0].cancellation.status).toBe("CANCELLED");
  sent = simulatorOf(simulators, "ONRAMP").received;
  // It ends last.
  await vi.waitFor(() => expect(spans.map(({ parentSpanId }) => parentSpanId)).toContain(callerSpanId), 60_000);
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

it("from the caller's traceparent to the provider and the database there is one trace", () => {
  const ofTheCaller = spans.filter((span) => span.traceId === traceId);
  const libraries = new Set(ofTheCaller.map(({ library }) => library.replace("@opentelemetry/instrumentation-", "")));
  expect([...libraries].toSorted()).toEqual(["graphql", "http", "order-cancellation-subgraph", "pg"]);
  // Each has a parent in the trace; the first one's is the caller's.
  const known = new Set([callerSpanId, ...ofTheCaller.map(({ spanId }) => spanId)]);
  expect(ofTheCaller.filter(({ parentSpanId }) => !known.has(parentSpanId ?? ""))).toEqual([]);
  expect(ofTheCaller.filter(({ parentSpanId }) => parentSpanId === callerSpanId)).toHaveLength(1);
});

it("the exchange with the provider is a span that says how it ended", () => {
  const [span, ...others] = spans.filter(({ name }) => name === "cancel");
  expect(others).toEqual([]);
  const attributes = Object.fromEntries(span?.attributes.map(({ key, value }) => [key, Object.values(value)[0]]) ?? []);
  expect(span?.traceId).toBe(traceId);
  expect(attributes).toMatchObject({ provider: "ONRAMP", outcome: "cancelled", "http.response.status_code": 200 });
});

it("the provider gets no trace header and no baggage", () => {
  expect(sent.length).toBeGreaterThan(0);
  for (const request of sent) {
    expect(Object.keys(request.headers).filter((name) => /trace|baggage|b3|uber/.test(name))).toEqual([]);
    expect(JSON.stringify(request)).not.toMatch(new RegExp(`${traceId}|alice|opaque`));
  }
});

it("there are few spans, and none of probes and of what the service does by itself", () => {
  const others = spans.filter((span) => span.traceId !== traceId).map(({ name }) => name);
  // The start parses the schema and each of its directives.
  expect(others.filter((name) => name !== "graphql.parseSchema")).toEqual([]);
  expect(spans.length - others.length).toBeLessThan(30);
});

async function startCollector(): Promise<string> {
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    spans.push(...readSpans(JSON.parse(text)));
    response.setHeader("content-type", "application/json").end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Export {
  resourceSpans: { scopeSpans: { scope: { name: string }; spans: Omit<Span, "library">[] }[] }[];
}

function readSpans({ resourceSpans }: Export): Span[] {
  const scopes = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans);
  return scopes.flatMap(({ scope, spans }) => spans.map((span) => ({ ...span, library: scope.name })));
}
