import { afterEach, expect, it } from "vitest";
import { createMetrics } from "../../src/server/metrics.ts";
import { firstLook } from "../../src/simulators/simulators.ts";
import { type Service, startService } from "../support/service.ts";

let subgraph: Service | undefined;
afterEach(async () => {
  await subgraph?.stop();
  subgraph = undefined;
});

it("what an event says is counted as it says it", async () => {
  const metrics = createMetrics({ providers: ["ONRAMP"], backlog: async () => [], droppedLogLines: () => 7 });
  const exchange = { provider: "TRONSAVE", orders: 3, durationMs: 1500, waitMs: 2500 };
  metrics.count({ ...exchange, event: "cancel", outcomes: { cancelled: 2, refused: 1 } });
  metrics.count({ ...exchange, event: "batch-refused", operation: "cancel" });
  metrics.count({ event: "connection-refused" });
  metrics.count({ event: "circuit", provider: "ONRAMP", circuit: "OPEN" });
  metrics.count({ event: "graphql-request", requestId: "1", status: 400, durationMs: 20, codes: ["BAD_USER_INPUT"] });

  const { text } = await metrics.scrape();

  for (const sample of [
    'order_cancellation_outcomes_total{provider="TRONSAVE",operation="cancel",outcome="cancelled"} 2',
    'order_cancellation_upstream_duration_seconds_sum{provider="TRONSAVE",operation="cancel"} 1.5',
    'order_cancellation_upstream_duration_seconds_sum{provider="TRONSAVE",operation="batch-refused"} 1.5',
    'order_cancellation_batch_size_sum{provider="TRONSAVE",operation="cancel"} 3',
    'order_cancellation_slot_wait_seconds_sum{provider="TRONSAVE"} 5',
    'order_cancellation_circuit{provider="ONRAMP",state="OPEN"} 1',
    'order_cancellation_circuit{provider="ONRAMP",state="CLOSED"} 0',
    'order_cancellation_graphql_errors_total{code="BAD_USER_INPUT"} 1',
    "order_cancellation_log_lines_dropped_total 7",
    "order_cancellation_connections_refused_total 1",
  ]) {
    expect(text).toContain(`${sample}\n`);
  }
});

it("/metrics counts what ended, what was sent, in which batches, and what is still open", async () => {
  subgraph = await startService({ FINPAY_PAUSED: "true" });
  const { cancellable, tooLate } = firstLook.TRONSAVE;
  await subgraph.cancel("TRONSAVE", [cancellable, tooLate]);
  await subgraph.cancel("FINPAY", [firstLook.FINPAY.cancellable]);

  const text = await scrape(subgraph);

  for (const line of [
    'order_cancellation_settled_total{provider="TRONSAVE",status="CANCELLED"} 1',
    'order_cancellation_settled_total{provider="TRONSAVE",status="REJECTED"} 1',
    'order_cancellation_outcomes_total{provider="TRONSAVE",operation="cancel",outcome="refused"} 1',
    'order_cancellation_upstream_duration_seconds_count{provider="TRONSAVE",operation="cancel"} 1',
    'order_cancellation_batch_size_sum{provider="TRONSAVE",operation="cancel"} 2',
    'order_cancellation_slot_wait_seconds_count{provider="TRONSAVE"} 1',
    'order_cancellation_open{provider="FINPAY"} 1',
    'order_cancellation_circuit{provider="ONRAMP",state="CLOSED"} 1',
  ]) {
    expect(text).toContain(`${line}\n`);
  }
  expect(text).toMatch(/order_cancellation_oldest_open_age_seconds\{provider="FINPAY"\} [\d.]+/);
  expect(text).toMatch(/order_cancellation_graphql_duration_seconds_count\{status="200"\} \d/);
});

it("/metrics names no order and no secret", async () => {
  subgraph = await startService();
  const ids = Object.values(firstLook.SMS4SATS);
  await subgraph.cancel("SMS4SATS", ids);
  const text = await scrape(subgraph);
  const secrets = Object.entries(subgraph.simulator("KWIKPAISA").settings).filter(([name]) => /KEY|SECRET/.test(name));
  for (const unwanted of [...ids, ...secrets.map(([, value]) => value)]) expect(text).not.toContain(unwanted);
});

async function scrape({ url }: Service): Promise<string> {
  const response = await fetch(url.replace("/graphql", "/metrics"));
  expect(response.headers.get("content-type")).toContain("text/plain");
  return response.text();
}
