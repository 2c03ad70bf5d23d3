import { type Context, context, ROOT_CONTEXT, type SpanContext, type SpanOptions, trace } from "@opentelemetry/api";
import { afterEach, expect, it } from "vitest";
import { startCancellations } from "../../src/cancellation/cancellations.ts";
import { watchOrders } from "../../src/cancellation/order-watch.ts";
import { systemClock } from "../../src/domain/clock.ts";
import { openLedger } from "../../src/ledger/open.ts";
import { createAlarm } from "../../src/util/alarm.ts";
import { batchClient } from "../support/batch-client.ts";
import { ordersOf } from "../support/records.ts";

/** What an SDK that an operator preloads would see of a batch. */
let active: Context = ROOT_CONTEXT;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  trace.disable();
  context.disable();
});

it("a batch belongs to the trace of the first request in it, and has links to the others", async () => {
  const spans = watchSpans();
  const held = Promise.withResolvers<void>();
  const sent: (readonly string[])[] = [];
  const { cancellations, ledger } = await start(async (ids) => {
    sent.push(ids);
    if (sent.length === 1) await held.promise;
  });
  // While the first request is under way, the others gather.
  const first = ask("first", ["a"]);
  await expect.poll(() => sent.length).toBe(1);
  const others = [ask("second", ["b", "c"]), ask("third", ["d"]), ask(undefined, ["e"])];
  await expect.poll(async () => (await ledger.page({ first: 9 })).records.length).toBe(5);
  held.resolve();
  await Promise.all([first, ...others]);

  expect(sent.map((ids) => ids.length)).toEqual([1, 4]);
  expect(spans).toEqual([
    { parent: "first", links: [], attributes: { outcome: "cancelled" } },
    { parent: "second", links: ["third"], attributes: { outcome: "cancelled" } },
  ]);

  function ask(spanId: string | undefined, ids: string[]) {
    active = spanId ? trace.setSpanContext(ROOT_CONTEXT, { traceId: "t", spanId, traceFlags: 1 }) : ROOT_CONTEXT;
    return cancellations.cancel(ordersOf("TRONSAVE", ids), { requestedBy: null });
  }
});

async function start(beforeAnswer: (ids: readonly string[]) => Promise<void>) {
  const ledger = await openLedger({ kind: "sqlite", path: ":memory:" }, systemClock, { leaseMs: 5000 });
  const client = {
    cancel: async (ids: readonly string[]) => {
      await beforeAnswer(ids);
      return ids.map(() => ({ kind: "cancelled" as const }));
    },
  };
  const setup = {
    ...{ baseUrl: new URL("http://127.0.0.1"), testHosts: [], secrets: [] },
    ...{ maxBatchSize: 100, minIntervalMs: 10, concurrency: 1 },
  };
  const cancellations = startCancellations({
    ledger,
    orderWatch: watchOrders({ ledger, readAgainMs: 60_000, emit: () => {} }),
    providers: [{ name: "TRONSAVE", setup, client: batchClient(client), paused: () => false }],
    policy: { retryDelaysMs: [20], giveUpAfterMs: 60_000, lookupDelaysMs: [20] },
    ...{
      waitMs: 60_000,
      leaseMs: 5000,
      exchangeMs: 5000,
      alarm: createAlarm(systemClock.elapsed),
      clock: systemClock,
      random: Math.random,
      emit: () => {},
    },
  });
  closing.push(ledger.close, () => cancellations.stop(0));
  return { cancellations, ledger };
}

function watchSpans() {
  const spans: { parent: string | undefined; links: string[]; attributes: object }[] = [];
  const startActiveSpan = (_name: string, options: SpanOptions, from: Context, run: (span: unknown) => unknown) => {
    const links = options.links?.map((link: { context: SpanContext }) => link.context.spanId) ?? [];
    const seen = { parent: trace.getSpanContext(from)?.spanId, links, attributes: {} };
    spans.push(seen);
    return run({
      setAttributes: (attributes: object) => {
        seen.attributes = JSON.parse(JSON.stringify(attributes));
      },
      setStatus: () => {},
      end: () => {},
    });
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startActiveSpan }) as never });
  context.setGlobalContextManager({
    active: () => active,
    with: (_context, run, self, ...given) => run.call(self as never, ...given),
    bind: (_context, target) => target,
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  });
  return spans;
}
