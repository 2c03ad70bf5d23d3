import {
  type GraphQLSchema,
  getIntrospectionQuery,
  getNamedType,
  getNullableType,
  getOperationAST,
  isListType,
  isObjectType,
  parse,
} from "graphql";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { type Caller, createContext, memoized } from "../../src/api/context.ts";
import { createExecutor } from "../../src/api/jit/executor.ts";
import { answerSize, checkAnswerSize, maxAnswerSize, maxEventSize } from "../../src/api/limits/answer-size.ts";
import { argumentBounds } from "../../src/api/limits/argument-bounds.ts";

import { buildSubgraph } from "../../src/api/schema.ts";
import type { Cancellations } from "../../src/cancellation/cancellations.ts";
import type { Cancellation, OrderKey } from "../../src/domain/cancellation.ts";
import { providerNames } from "../../src/providers/registry.ts";
import { fakeCancellability } from "../support/graphql-context.ts";

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = (await buildSubgraph()).schema;
});

const size = (text: string, variables = {}, operationName?: string) =>
  answerSize({ schema, document: parse(text), variables, operationName });
const read = 'cancellation(provider:TRONSAVE,orderId:"1")';
const list = (length: number) => Array.from({ length }, (_, index) => `${index}`);

describe("the size of an answer", () => {
  it.each<[string, string, number, object?]>([
    ["a value", "{__typename}", 2],
    ["an object with a status and a text", `{${read}{status problem{message}}}`, 5 + 1 + 5 + 2],
    ["an alias", `{${read}{attempts a:attempts}}`, 5 + 2],
    ["a fragment, used twice", `{...F ...F} fragment F on Query{${read}{attempts}}`, 2 * 6],
    ["a fragment without a type", `{${read}{...{attempts}}}`, 6],
    ["steps of the history, as many as by default", `{${read}{history{at}}}`, 5 + 10 * 6],
    ["steps of the history, as many as asked for", `{${read}{history(last:3){at}}}`, 5 + 3 * 6],
    ["a number in a variable", `query($n:Int!){${read}{history(last:$n){at}}}`, 5 + 4 * 6, { n: 4 }],
    ["a number in a variable's default", `query($n:Int!=4){${read}{history(last:$n){at}}}`, 5 + 4 * 6],
    ["a variable without a value", `query($n:Int!){${read}{history(last:$n){at}}}`, 5 + 10 * 6],
    ["a list of orders", "{cancellations(first:7){edges{node{attempts}}}}", 7 * (5 + 5 + 5 + 1)],
    ["ids in the document", 'mutation{cancelOrders(provider:ONRAMP,ids:["1","1"]){orders{id}}}', 2 * (5 + 5 + 2)],
    ["one id without a list", 'mutation{cancelOrders(provider:ONRAMP,ids:"1"){orders{id}}}', 5 + 5 + 2],
    [
      "ids in a variable",
      "mutation($ids:[ID!]!){cancelOrders(provider:ONRAMP,ids:$ids){orders{id}}}",
      3 * (5 + 5 + 2),
      { ids: ["1", "2", "1"] },
    ],
    ["references", "query($r:[_Any!]!){_entities(representations:$r){__typename}}", 2 * 7, { r: [{}, {}] }],
    ["no references", "query($r:[_Any!]!){_entities(representations:$r){__typename}}", 0, { r: [] }],
    ["all providers", "{cancellationProviders{paused}}", providerNames.length * 6],
    ["counts", "{cancellationCounts{count}}", 60 * 6],
    ["rates", "{cancellationRates(minutes:1){count}}", 150 * 6],
    ["scopes", "{viewer{missingScopes}}", 5 + 4 * 2],
    ["what is skipped", `{${read}@skip(if:true){attempts}}`, 0],
    ["what is not included", `query($w:Boolean=false){${read}{attempts ...@include(if:$w){status}}}`, 6],
    ["what is included", `query($w:Boolean=false){${read}{attempts ...@include(if:$w){status}}}`, 7, { w: true }],
  ])("%s counts", (_name, text, expected, variables) => {
    expect(size(text, variables)).toBe(expected);
  });

  it("the size is that of the operation that is named", () => {
    const text = `query A{__typename} query B{${read}{attempts}}`;
    expect([size(text, {}, "A"), size(text, {}, "B"), size(text)]).toEqual([2, 6, 0]);
  });

  it("fragments that double many times: the size is found quickly", () => {
    const doubling = Array.from({ length: 60 }, (_, i) => `fragment F${i} on Query{...F${i + 1} ...F${i + 1}}`);
    expect(size(`{...F0} ${doubling.join(" ")} fragment F60 on Query{__typename}`)).toBe(2 * 2 ** 60);
  });

  it("each list of the schema counts by an argument of it, or of the field that contains it", () => {
    const byContainer = [
      ...["CancelOrdersPayload.orders", "CancellationConnection.edges", "ResolveCancellationsPayload.orders"],
      ...["RecheckCancellationsPayload.orders", "RecheckCancellationsPayload.problems"],
    ];
    const fields = Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type) && !type.name.startsWith("__"))
      .flatMap((type) => (isObjectType(type) ? Object.values(type.getFields()).map((field) => ({ type, field })) : []))
      .filter(({ field }) => isListType(getNullableType(field.type)));
    const uncounted = fields.filter(
      ({ type, field }) =>
        !field.args.some((each) => isListType(getNullableType(each.type)) || ["first", "last"].includes(each.name)) &&
        !byContainer.includes(`${type.name}.${field.name}`),
    );
    // They have lengths of their own, which cases above show.
    expect(uncounted.map(({ field }) => field.name)).toEqual([
      ...["cancellationCounts", "cancellationProviders", "cancellationRates", "missingScopes"],
    ]);
  });
});

describe("a number that is out of its bounds", () => {
  const orders = (fields: string) => `cancelOrders(provider:ONRAMP,ids:"1"){orders{${fields}}}`;
  const history = (last: string | number) => orders(`cancellation{history(last:${last}){at}}`);
  it.each<[where: string, text: string, got: string, object?]>([
    ["in a mutation", `mutation{${history(0)}}`, "last: needs a whole number from 1 to 200, got 0."],
    ["in a query", "{cancellations(first:201){edges{cursor}}}", "first: needs a whole number from 1 to 200, got 201."],
    ["in a fragment", `mutation{...F} fragment F on Mutation{${history(-1)}}`, "got -1."],
    ["in a variable", `mutation($n:Int!){${history("$n")}}`, "got 201.", { n: 201 }],
    ["in a default", `mutation($n:Int!=201){${history("$n")}}`, "got 201."],
    ["as null in place of a default", `mutation($n:Int=2){${history("$n")}}`, "got null.", { n: null }],
  ])(
    "a number out of its bounds, %s: refused before any part of the operation runs",
    (_where, text, got, variables) => {
      expect(() => size(text, variables)).toThrow(got);
    },
  );

  it("a null that decides what is skipped is refused, too", () => {
    const text = `mutation($w:Boolean=true){${orders("id @skip(if:$w)")}}`;
    expect(() => size(text, { w: null })).toThrow("@skip: needs true or false, got null.");
  });

  it("a number out of its bounds in a field that is skipped is not looked at", () => {
    expect(size(`mutation{__typename ...@skip(if:true){${history(0)}}}`)).toBe(2);
  });

  it("there are bounds for each number of the schema", () => {
    const numbers = Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type))
      .flatMap((type) => Object.values(type.getFields()))
      .flatMap(({ args }) => args.filter((each) => getNamedType(each.type).name === "Int"));
    expect(new Set(numbers.map(({ name }) => name))).toEqual(new Set(Object.keys(argumentBounds)));
  });
});

describe("the limit", () => {
  const fieldsOf = (name: string, inner: Record<string, string> = {}) => {
    const type = schema.getType(name);
    const fields = isObjectType(type) ? Object.keys(type.getFields()) : [];
    return fields.map((field) => `${field}${inner[field] ?? ""}`).join(" ");
  };

  it("500 orders with all their fields and the default part of their history pass the limit", () => {
    const cancellation = fieldsOf("Cancellation", {
      order: "{id}",
      problem: `{${fieldsOf("CancellationProblem")}}`,
      history: `{${fieldsOf("CancellationEvent")}}`,
    });
    const order = fieldsOf("Order", {
      cancellation: `{${cancellation}}`,
      cancellability: `{${fieldsOf("Cancellability")}}`,
    });
    const text = `mutation($ids:[ID!]!){cancelOrders(provider:ONRAMP,ids:$ids){orders{${order}}}}`;
    expect(size(text, { ids: list(500) })).toBeLessThanOrEqual(maxAnswerSize);
  });

  it("four whole histories of an order pass in an event of a subscription, a fifth does not; a query may have more", () => {
    const histories = (count: number) =>
      Array.from({ length: count }, (_, i) => `h${i}:history(last:200){${fieldsOf("CancellationEvent")}}`).join(" ");
    const check = (text: string) => () =>
      checkAnswerSize({ schema, document: parse(text), variables: { ids: list(500) } });
    const event = (count: number) =>
      `subscription($ids:[ID!]!){orderCancellations(provider:ONRAMP,ids:$ids){cancellation{${histories(count)}}}}`;
    expect(check(event(4))).not.toThrow();
    expect(check(event(5))).toThrow(`at most ${maxEventSize}`);
    expect(check(`{${read}{${histories(5)}}}`)).not.toThrow();
  });

  it("the introspection of every tool passes the limit", () => {
    const options = { specifiedByUrl: true, schemaDescription: true, inputValueDeprecation: true, oneOf: true };
    expect(size(getIntrospectionQuery({ ...options, directiveIsRepeatable: true }))).toBeLessThan(maxAnswerSize);
  });

  it("an answer above the limit is refused, with what was needed and what was got", () => {
    const text = `{${Array.from({ length: 99 }, (_, i) => `a${i}:${read}{history(last:200){at kind attempt}}`).join(" ")}}`;
    expect(() => checkAnswerSize({ schema, document: parse(text) })).toThrow(
      "its size is at most 145000, this one's could be 158895",
    );
  });
});

describe("an order that is named often", () => {
  it("an order that is named often is resolved once, and answered each time", async () => {
    // As the ledger does: one record for each order.
    const recordOf = memoized((id: string) => record("ONRAMP", id));
    const history = vi.fn(async (ids: readonly number[], last: number) => ids.map(() => [event(last)]));
    const cancel = vi.fn(async (orders: readonly OrderKey[]) => orders.map((order) => recordOf(order.orderId)));
    const readRecords = vi.fn(async (keys: readonly { orderId: string }[]) =>
      keys.map(({ orderId }) => recordOf(orderId)),
    );
    const run = async (source: string, variables: Record<string, unknown>) => {
      const context = createContext(
        {
          cancellability: fakeCancellability,
          cancellations: { cancel, serves: () => true } as unknown as Cancellations,
          ledger: { history, read: readRecords } as never,
          pauses: { of: () => undefined } as never,
          catalogue: () => [],
          orderWatch: {
            watch: () => {
              throw new Error("not here");
            },
          },
          maxIdsPerRequest: 500,
        },
        everybody,
        "r-1",
      );
      const document = parse(source);
      const operation = getOperationAST(document);
      return createExecutor(schema)({ document, operation, request: { variables }, context, metrics: {} } as never);
    };
    const fields = "cancellation{a:history(last:3){attempt} b:history(last:3){attempt} c:history(last:5){attempt}}";
    const shown = { cancellation: { a: [{ attempt: 3 }], b: [{ attempt: 3 }], c: [{ attempt: 5 }] } };

    const ids = ["1", "2", "1", "1"];
    const mutation = `mutation($ids:[ID!]!){cancelOrders(provider:ONRAMP,ids:$ids){orders{${fields}}}}`;
    const answer = await run(mutation, { ids });
    expect(answer).toEqual({ data: { cancelOrders: { orders: ids.map(() => shown) } } });
    const distinct = ["1", "2"].map((orderId) => ({ provider: "ONRAMP", orderId }));
    expect(cancel.mock.calls).toEqual([[distinct, { requestedBy: null, requestId: "r-1", ageMs: 0 }]]);

    const references = ids.map((id) => ({ __typename: "Order", provider: "ONRAMP", id }));
    const entities = `query($r:[_Any!]!){_entities(representations:$r){...on Order{${fields}}}}`;
    expect(await run(entities, { r: references })).toEqual({ data: { _entities: ids.map(() => shown) } });
    expect(readRecords).toHaveBeenCalledTimes(1);

    const once = [
      [[1, 2], 3],
      [[1, 2], 5],
    ];
    expect(history.mock.calls).toEqual([...once, ...once]);
  });
});

const everybody: Caller = {
  authenticated: true,
  subject: null,
  expiresInMs: null,
  holds: () => true,
  allowed: async (_provider, ids) => new Set(ids),
};

function record(provider: string, orderId: string): Cancellation {
  return {
    id: Number(orderId),
    provider,
    orderId,
    status: "CANCELLED",
    problem: null,
    requestedAt: 0,
    settledAt: 0,
    nextAttemptAt: null,
    nextAttemptInMs: null,
    attempts: 1,
  };
}

function event(attempt: number) {
  const nothing = { status: null, problemCode: null, httpStatus: null, durationMs: null, failure: null };
  return { at: 0, kind: "SENT" as const, attempt, requestedBy: null, ...nothing };
}
