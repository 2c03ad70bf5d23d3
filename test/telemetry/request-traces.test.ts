import { expect, it } from "vitest";
import { createRequestTraces } from "../../src/telemetry/tracing.ts";

const request = (spanId: string) => ({ traceId: "t", spanId, traceFlags: 1 });
const key = (orderId: string) => ({ provider: "P", orderId });
const keys = (...ids: string[]) => ids.map(key);

it("a batch belongs to each request that gave it an order, once", () => {
  const traces = createRequestTraces();
  traces.note(keys("1", "2"), request("a"));
  traces.note(keys("3"), request("b"));
  expect(traces.of(keys("1", "2", "3", "4"))).toEqual([request("a"), request("b")]);
});

it("an order that is asked for again belongs to the later request", () => {
  const traces = createRequestTraces();
  traces.note(keys("1"), request("a"));
  traces.note(keys("1"), request("b"));
  expect(traces.of(keys("1"))).toEqual([request("b")]);
});

it("without a trace nothing is remembered", () => {
  const traces = createRequestTraces();
  traces.note(keys("1"), undefined);
  expect(traces.of(keys("1"))).toEqual([]);
});

it("of more than 10,000 orders the oldest are forgotten", () => {
  const traces = createRequestTraces();
  traces.note(keys("first"), request("a"));
  traces.note(
    Array.from({ length: 10_000 }, (_, index) => key(String(index))),
    request("b"),
  );
  expect(traces.of(keys("first", "0"))).toEqual([request("b")]);
});
