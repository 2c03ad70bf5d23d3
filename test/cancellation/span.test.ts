import { type Span, type SpanOptions, trace } from "@opentelemetry/api";
import { afterEach, beforeEach, expect, it } from "vitest";
import { inSpan } from "../../src/cancellation/span.ts";

/** What an SDK that an operator preloads would see. */
let seen: string[];

beforeEach(() => {
  seen = [];
  const span = {
    setStatus: ({ code }: { code: number }) => void seen.push(`status ${code}`),
    end: () => void seen.push("end"),
  } as unknown as Span;
  const startActiveSpan = (name: string, { attributes }: SpanOptions, run: (span: Span) => unknown) => {
    seen.push(`${name} ${JSON.stringify(attributes)}`);
    return run(span);
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startActiveSpan }) as never });
});
afterEach(() => trace.disable());

it("a span ends when the exchange has ended, and not before", async () => {
  const answer = Promise.withResolvers<string>();
  const running = inSpan("cancel", { provider: "TRONSAVE", orders: 2 }, () => answer.promise);
  await new Promise(setImmediate);
  expect(seen).toEqual(['cancel {"provider":"TRONSAVE","orders":2}']);
  answer.resolve("cancelled");
  expect(await running).toBe("cancelled");
  expect(seen.slice(1)).toEqual(["end"]);
});

it("a span shows that the exchange failed", async () => {
  const failing = inSpan("lookup", {}, async () => {
    throw new Error("a fault");
  });
  await expect(failing).rejects.toThrow("a fault");
  // SpanStatusCode.ERROR
  expect(seen.slice(1)).toEqual(["status 2", "end"]);
});
