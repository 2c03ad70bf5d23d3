import { type Context, type Span, type SpanContext, type SpanOptions, trace } from "@opentelemetry/api";
import { afterEach, beforeEach, expect, it } from "vitest";
import { inSpan } from "../../src/telemetry/tracing.ts";

/** What an SDK that an operator preloads would see. */
let seen: string[];

beforeEach(() => {
  seen = [];
  const span = {
    setAttributes: (attributes: object) => void seen.push(JSON.stringify(attributes)),
    setStatus: ({ code }: { code: number }) => void seen.push(`status ${code}`),
    end: () => void seen.push("end"),
  } as unknown as Span;
  const startActiveSpan = (
    name: string,
    { attributes, links }: SpanOptions,
    from: Context,
    run: (span: Span) => unknown,
  ) => {
    const parent = trace.getSpanContext(from)?.spanId ?? "none";
    const linked = links?.map(({ context }) => context.spanId).join("+");
    seen.push(`${name} ${JSON.stringify(attributes)} parent ${parent} links ${linked}`);
    return run(span);
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startActiveSpan }) as never });
});
afterEach(() => trace.disable());

const start = { name: "cancel", attributes: { provider: "TRONSAVE", orders: 2 }, requests: [] };
const well = () => ({ attributes: { outcome: "cancelled" }, failed: false });

it("a span ends when the exchange has ended, and not before", async () => {
  const answer = Promise.withResolvers<string>();
  const running = inSpan(start, () => answer.promise, well);
  await new Promise(setImmediate);
  expect(seen).toEqual(['cancel {"provider":"TRONSAVE","orders":2} parent none links ']);
  answer.resolve("cancelled");
  expect(await running).toBe("cancelled");
  expect(seen.slice(1)).toEqual(['{"outcome":"cancelled"}', "end"]);
});

it("a span says how its exchange failed", async () => {
  const badly = (failure: string) => ({ attributes: { failure }, failed: true });
  await inSpan(start, async () => "DNS", badly);
  // SpanStatusCode.ERROR
  expect(seen.slice(1)).toEqual(['{"failure":"DNS"}', "status 2", "end"]);
});

it("a span shows that the work threw", async () => {
  const work = async () => {
    throw new Error("a fault");
  };
  await expect(inSpan(start, work, well)).rejects.toThrow("a fault");
  expect(seen.slice(1)).toEqual(["status 2", "end"]);
});

it("the first request is the span's parent, and the span has links to the others", async () => {
  await inSpan({ ...start, requests: ["a", "b", "c"].map(spanContext) }, async () => "", well);
  expect(seen[0]).toContain("parent a links b+c");
});

function spanContext(spanId: string): SpanContext {
  return { traceId: "t", spanId, traceFlags: 1 };
}
