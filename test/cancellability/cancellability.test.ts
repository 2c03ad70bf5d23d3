import { expect, it } from "vitest";
import { createCancellability } from "../../src/cancellability/cancellability.ts";
import type { NotAsked } from "../../src/cancellability/lane.ts";
import type { Word } from "../../src/cancellability/standing.ts";
import type { OrderKey } from "../../src/domain/cancellation.ts";
import type { ServiceEvent } from "../../src/domain/events.ts";
import type { LookupResult } from "../../src/domain/outcome.ts";
import { createTestClock } from "../support/clock.ts";

const order = (orderId: string): OrderKey => ({ provider: "P", orderId });
const maxAgeMs = 15_000;

it("an order that is asked for already is not asked for twice, by whomever", async () => {
  const { cancellability, asked, answer } = start();
  const told = [cancellability.begin(), cancellability.begin()].map((questions) =>
    questions.ask(order("1"), undefined, maxAgeMs),
  );
  answer("1", { kind: "open" });
  expect((await Promise.all(told)).map((standing) => standing?.state)).toEqual(["CANCELLABLE", "CANCELLABLE"]);
  expect(asked).toEqual(["1"]);
});

it("an answer that comes too late for one request is there for the next", async () => {
  const { cancellability, asked, answer, sources } = start({ waitMs: 1 });
  const first = await cancellability.begin().ask(order("1"), undefined, maxAgeMs);
  expect(first).toMatchObject({ state: "UNKNOWN", reason: "NOT_CHECKED", checkedAt: null });
  answer("1", { kind: "open" });
  await new Promise(setImmediate);
  const next = await cancellability.begin().ask(order("1"), undefined, maxAgeMs);
  expect(next).toMatchObject({ state: "CANCELLABLE" });
  expect(asked).toEqual(["1"]);
  expect(sources).toEqual(["none", "cache"]);
});

it.each(["requested", "sent", "written"] as const)(
  "what was said of an order is forgotten when its record is %s",
  async (change) => {
    const { cancellability, asked, answer, change: tell } = start();
    const first = cancellability.begin().ask(order("1"), undefined, maxAgeMs);
    answer("1", { kind: "open" });
    await first;
    tell(order("1"), change);
    void cancellability.begin().ask(order("1"), undefined, maxAgeMs);
    expect(asked).toEqual(["1", "1"]);
  },
);

it("what is asked when the order is sent is not kept, and the next request asks anew", async () => {
  const { cancellability, asked, answer, change } = start();
  const early = cancellability.begin().ask(order("1"), undefined, maxAgeMs);
  change(order("1"), "sent");
  const late = cancellability.begin().ask(order("1"), undefined, maxAgeMs);
  expect(asked).toEqual(["1", "1"]);
  answer("1", { kind: "open" });
  expect(await early).toMatchObject({ state: "CANCELLABLE" });
  answer("1", { kind: "cancelled" });
  expect(await late).toMatchObject({ state: "NOT_CANCELLABLE" });
  expect(await cancellability.begin().ask(order("1"), undefined, maxAgeMs)).toMatchObject({ state: "NOT_CANCELLABLE" });
  expect(asked).toEqual(["1", "1"]);
});

it("after a time in which changes of other instances went unheard, nothing of before is believed", async () => {
  const { cancellability, asked, answer, gap } = start();
  const first = cancellability.begin().ask(order("1"), undefined, maxAgeMs);
  answer("1", { kind: "closed", code: "TOO_LATE" });
  await first;
  gap();
  void cancellability.begin().ask(order("1"), undefined, maxAgeMs);
  expect(asked).toEqual(["1", "1"]);
});

it("a request that may ask for nothing more says so at once, and takes what others asked for", async () => {
  const { cancellability, asked, answer } = start();
  const questions = cancellability.begin(1);
  const first = questions.ask(order("1"), undefined, maxAgeMs);
  const other = cancellability.begin().ask(order("2"), undefined, maxAgeMs);
  expect(await questions.ask(order("3"), undefined, maxAgeMs)).toMatchObject({ reason: "NOT_CHECKED" });
  const shared = questions.ask(order("2"), undefined, maxAgeMs);
  expect(asked).toEqual(["1", "2"]);
  answer("1", { kind: "open" });
  answer("2", { kind: "open" });
  expect((await Promise.all([first, other, shared])).map((standing) => standing?.state)).toEqual(
    Array(3).fill("CANCELLABLE"),
  );
});

it("a request that may ask nothing waits for nothing, and tells what was said lately", async () => {
  const { cancellability, asked, answer } = start();
  const asking = cancellability.begin().ask(order("1"), undefined, maxAgeMs);
  const silent = cancellability.begin(0);
  expect(await silent.ask(order("1"), undefined, maxAgeMs)).toMatchObject({ reason: "NOT_CHECKED" });
  answer("1", { kind: "open" });
  await asking;
  expect(await silent.ask(order("1"), undefined, maxAgeMs)).toMatchObject({ state: "CANCELLABLE" });
  expect(asked).toEqual(["1"]);
});

it("over all requests, the number of orders that are asked for is bounded", async () => {
  const { cancellability, asked } = start();
  for (let request = 0; request < 30; request += 1) {
    const questions = cancellability.begin();
    for (let index = 0; index < 100; index += 1) void questions.ask(order(`${request} ${index}`), undefined, maxAgeMs);
  }
  expect(asked).toHaveLength(2000);
  expect(await cancellability.begin().ask(order("further"), undefined, maxAgeMs)).toMatchObject({
    reason: "NOT_CHECKED",
  });
});

it("an order of a provider that is not set up here has no state", async () => {
  const { cancellability } = start();
  expect(await cancellability.begin().ask({ provider: "Q", orderId: "1" }, undefined, maxAgeMs)).toBeNull();
  expect(cancellability.begin().impossible({ provider: "Q", orderId: "" })).toBeNull();
});

function start({ waitMs = 60_000 } = {}) {
  const clock = createTestClock();
  const asked: string[] = [];
  const waiting = new Map<string, ((said: Word | NotAsked) => void)[]>();
  const sources: string[] = [];
  let onChange: (key: OrderKey, change: "requested" | "sent" | "written") => void = () => {};
  let onGap = () => {};
  const cancellability = createCancellability({
    providers: [
      {
        provider: "P",
        invalidId: undefined,
        lane: {
          ask: (orderId) => {
            asked.push(orderId);
            return new Promise((resolve) => waiting.set(orderId, [...(waiting.get(orderId) ?? []), resolve]));
          },
        },
      },
    ],
    ledger: {
      onChange: (listener) => {
        onChange = listener;
        return () => {};
      },
      onGap: (listener) => {
        onGap = listener;
        return () => {};
      },
    },
    clock,
    emit: (event: ServiceEvent) => void (event.event === "cancellability" && sources.push(event.source)),
    waitMs,
  });
  return {
    cancellability,
    asked,
    sources,
    /** Answers the oldest question about this order. */
    answer: (orderId: string, result: LookupResult) => {
      const said = { result, askedAt: clock.elapsed(), answeredAt: clock.elapsed() };
      waiting.get(orderId)?.shift()?.(said);
    },
    change: (key: OrderKey, change: "requested" | "sent" | "written") => onChange(key, change),
    gap: () => onGap(),
  };
}
