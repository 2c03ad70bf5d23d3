import { buildSchema, parse } from "graphql";
import { expect, it } from "vitest";
import type { RequestContext } from "../../../src/api/context.ts";
import { requestError } from "../../../src/api/errors.ts";
import type { OrderState, OrderStates } from "../../../src/cancellation/order-states.ts";
import { maskError } from "../../../src/http/mask-error.ts";
import { startReport } from "../../../src/http/request-report.ts";
import { openResults } from "../../../src/http/subscriptions/results.ts";

const schema = buildSchema("type Query { a: Int } type Subscription { order: Int }");

it("an error for the caller in the second event: the stream ends with it, and nothing of that event is shown", async () => {
  const { results, ended } = open([
    () => 1,
    () => {
      throw requestError("BAD_USER_INPUT", "no such number");
    },
    () => 3,
  ]);
  expect(await results.next()).toEqual({ done: false, value: { data: { order: 1 } } });
  expect(await results.next()).toMatchObject({
    value: { errors: [{ message: "no such number", path: ["order"], extensions: { code: "BAD_USER_INPUT" } }] },
  });
  expect((await results.next()).done).toBe(true);
  expect(ended).toEqual([[2, "error"]]);
});

it("an error of ours: the event is made again until it can be, and no error is shown", async () => {
  let tries = 0;
  const { results, logged } = open([
    () => {
      tries += 1;
      if (tries === 1) throw new Error("the database is away");
      return 1;
    },
  ]);
  expect(await results.next()).toEqual({ done: false, value: { data: { order: 1 } } });
  expect(logged).toEqual(["graphql-error"]);
});

/** A stream of these events. */
function open(events: readonly (() => number)[]) {
  const logged: string[] = [];
  const ended: unknown[] = [];
  const results = openResults({
    run: { schema, document: parse("subscription { order }") },
    source: sourceOf(events),
    createContext: () => ({}) as RequestContext,
    takeTurn: async () => {},
    report: startReport("id", {}),
    maxAgeMs: 60_000,
    expiresInMs: null,
    mask: maskError(({ event }) => void logged.push(event)),
    onEnd: (states, reason) => void ended.push([states, reason]),
  });
  return { results, logged, ended };
}

function sourceOf(events: readonly (() => number)[]): OrderStates {
  const left = events.map((order) => ({ order }));
  const states = {
    [Symbol.asyncIterator]: () => states,
    size: 1,
    offer: () => {},
    next: async () => {
      const value = left.shift() as unknown as OrderState;
      return value ? { done: false, value } : { done: true, value: undefined };
    },
    return: async () => {
      left.length = 0;
      return { done: true, value: undefined };
    },
  } as OrderStates;
  return states;
}
