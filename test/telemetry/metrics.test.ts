import { afterEach, expect, it } from "vitest";
import { firstLook } from "../../src/simulators/simulators.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { type Service, startService } from "../support/service.ts";

let subgraph: Service | undefined;
afterEach(async () => {
  await subgraph?.stop();
  subgraph = undefined;
});

const metricsOf = () => createMetrics(["ONRAMP"], ["open"]);
const idle = async () => ({ backlog: [], unconfirmed: [], undelivered: { waiting: 0, abandoned: 0 } });
const readings = { paused: () => true, openSubscriptions: 3, droppedLogLines: 7 };

it("counts each event with its own labels", async () => {
  const metrics = metricsOf();
  const exchange = { provider: "TRONSAVE", orders: 3, durationMs: 1500, waitMs: 2500 };
  const outcomes = { cancelled: 2, refused: 1 };
  metrics.count({ ...exchange, event: "cancel", outcomes, problems: { TOO_LATE: 1 }, httpStatus: 200, failure: null });
  metrics.count({ ...exchange, event: "lookup", outcomes: {}, problems: {}, httpStatus: null, failure: "DNS" });
  metrics.count({ event: "refused-here", provider: "TRONSAVE", code: "INVALID_ORDER_ID" });
  metrics.count({ event: "database-call", operation: "open", durationMs: 1500 });
  metrics.count({ ...exchange, event: "batch-refused", operation: "cancel" });
  metrics.count({ event: "connection-refused" });
  metrics.count({ event: "circuit", provider: "ONRAMP", circuit: "OPEN" });
  metrics.count({ event: "graphql-request", requestId: "1", status: 400, durationMs: 20, codes: ["BAD_USER_INPUT"] });

  const { text } = await metrics.scrape(idle, readings);

  for (const sample of [
    'order_cancellation_outcomes_total{provider="TRONSAVE",operation="cancel",outcome="cancelled"} 2',
    'order_cancellation_upstream_duration_seconds_sum{provider="TRONSAVE",operation="cancel"} 1.5',
    'order_cancellation_upstream_duration_seconds_sum{provider="TRONSAVE",operation="batch-refused"} 1.5',
    'order_cancellation_batch_size_sum{provider="TRONSAVE",operation="cancel"} 3',
    'order_cancellation_slot_wait_seconds_sum{provider="TRONSAVE"} 7.5',
    'order_cancellation_problems_total{provider="TRONSAVE",code="TOO_LATE"} 1',
    'order_cancellation_problems_total{provider="TRONSAVE",code="INVALID_ORDER_ID"} 1',
    'order_cancellation_exchange_failures_total{provider="TRONSAVE",operation="lookup",failure="DNS"} 1',
    'order_cancellation_paused{provider="ONRAMP"} 1',
    'order_cancellation_database_duration_seconds_sum{operation="open"} 1.5',
    'order_cancellation_circuit{provider="ONRAMP",state="OPEN"} 1',
    'order_cancellation_circuit{provider="ONRAMP",state="CLOSED"} 0',
    'order_cancellation_graphql_errors_total{code="BAD_USER_INPUT"} 1',
    "order_cancellation_log_lines_dropped_total 7",
    "order_cancellation_connections_refused_total 1",
    "order_cancellation_subscriptions 3",
  ]) {
    expect(text).toContain(`${sample}\n`);
  }
});

it("every counter and histogram of ours is there with 0 before anything happens", async () => {
  const { text } = await metricsOf().scrape(idle, { ...readings, droppedLogLines: 0 });
  const counts = text.match(/^order_cancellation_\w+_(total|count)\b.*$/gm) ?? [];
  expect(counts.filter((line) => !line.endsWith(" 0"))).toEqual([]);
  const declared = [...text.matchAll(/^# TYPE (order_cancellation_\w+) (counter|histogram)$/gm)].map(
    ([, name]) => name,
  );
  expect(declared.length).toBeGreaterThan(8);
  for (const name of declared) expect(counts.join("\n")).toContain(name);
  for (const labels of [
    'settled_total{provider="ONRAMP",status="UNCONFIRMED"}',
    'outcomes_total{provider="ONRAMP",operation="lookup",outcome="unanswered"}',
    'problems_total{provider="ONRAMP",code="PROVIDER_REJECTED_CREDENTIALS"}',
    'exchange_failures_total{provider="ONRAMP",operation="cancel",failure="CONNECT_TIMEOUT"}',
    'graphql_errors_total{code="FORBIDDEN"}',
    'database_duration_seconds_count{operation="open"}',
  ]) {
    expect(text).toContain(`order_cancellation_${labels} 0\n`);
  }
});

it("while the database is away it is down, and the gauges of what it holds are absent", async () => {
  let away = false;
  const ledgerNumbers = async () => {
    if (away) throw new Error("away");
    return {
      backlog: [{ provider: "ONRAMP", open: 2, oldestAgeMs: 1500 }],
      unconfirmed: [{ provider: "ONRAMP", orders: 3 }],
      undelivered: { waiting: 5, abandoned: 6 },
    };
  };
  const metrics = metricsOf();
  const there = await metrics.scrape(ledgerNumbers, readings);
  away = true;
  const gone = await metrics.scrape(ledgerNumbers, readings);
  for (const sample of [
    'open{provider="ONRAMP"} 2',
    'unconfirmed{provider="ONRAMP"} 3',
    "database_up 1",
    'webhooks_undelivered{state="waiting"} 5',
  ]) {
    expect(there.text).toContain(`order_cancellation_${sample}\n`);
  }
  expect(gone.text).toContain("order_cancellation_database_up 0\n");
  expect(gone.text).not.toMatch(
    /^order_cancellation_(open|oldest_open_age_seconds|unconfirmed|webhooks_undelivered)\{/m,
  );
});

it("a database that never answers does not hold up a scrape", async () => {
  const { text } = await metricsOf().scrape(() => new Promise(() => {}), readings);
  expect(text).toContain("order_cancellation_database_up 0\n");
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
    'order_cancellation_paused{provider="FINPAY"} 1',
    'order_cancellation_paused{provider="TRONSAVE"} 0',
    'order_cancellation_problems_total{provider="TRONSAVE",code="TOO_LATE"} 1',
    'order_cancellation_unconfirmed{provider="TRONSAVE"} 0',
    "order_cancellation_database_up 1",
  ]) {
    expect(text).toContain(`${line}\n`);
  }
  expect(text).toMatch(/order_cancellation_oldest_open_age_seconds\{provider="FINPAY"\} [\d.]+/);
  expect(text).toMatch(/order_cancellation_database_duration_seconds_count\{operation="markSent"\} [1-9]/);
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
