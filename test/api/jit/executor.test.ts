import { readdirSync, readFileSync } from "node:fs";
import { execute, type GraphQLSchema, getOperationAST, parse, print, separateOperations, validate } from "graphql";
import { beforeAll, describe, expect, it } from "vitest";
import { queryToCompile } from "../../../src/api/jit/compilable.ts";
import { createExecutor, runsBefore } from "../../../src/api/jit/executor.ts";
import { buildSubgraph } from "../../../src/api/schema.ts";
import { fakeContext } from "../../support/graphql-context.ts";

/** graphql-jit and graphql-js answer the same, or graphql-jit is not asked. */
let schema: GraphQLSchema;
beforeAll(async () => {
  schema = (await buildSubgraph()).schema;
});

const folder = new URL("../../../schema/operations/", import.meta.url);
const texts = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), "utf8"));
const operations = Object.values(separateOperations(parse(texts.join("\n")))).map(print);
const orderFields = texts.find((text) => text.includes("fragment OrderCancellation ")) ?? "";
const one = { provider: "ONRAMP", orderId: "1" };
const references = ["1", "2", "1", "unknown"].map((id) => ({ __typename: "Order", provider: "ONRAMP", id }));
const entities = "query($r:[_Any!]!){_entities(representations:$r)";

const compiled: [name: string, text: string, variables?: Record<string, unknown>][] = [
  ...operations
    .filter((text) => /^query /m.test(text) && !text.includes("@"))
    .map((text): (typeof compiled)[number] => [/^query \w+/m.exec(text)?.[0] ?? "", text, everyVariable()]),
  ["entities", `${entities}{__typename ...on Order{id ...OrderCancellation}}}${orderFields}`, { r: references }],
  ["no entities", `${entities}{...on Order{id}}}`, { r: [] }],
  ["entities of other providers", `${entities}{...on Order{cancellation{status}}}}`, other(["PAYPAL", "toString"])],
  [
    "an id that is a number",
    `${entities}{...on Order{id cancellation{status}}}}`,
    { r: [{ ...references[0], id: 2 }] },
  ],
  [
    "the way back to the order",
    `${entities}{...on Order{cancellation{order{id cancellation{attempts}}}}}}`,
    { r: references },
  ],
  [
    "a default of an argument, and a literal",
    `${entities}{...on Order{a:cancellability{checkedAt} b:cancellability(maxAge:3){checkedAt}}}}`,
    { r: references },
  ],
  ["fields that merge", "{cancellationProviders{provider} ...{cancellationProviders{provider paused}}}"],
  ["an alias and a literal", '{a:cancellation(provider:ONRAMP,orderId:"2"){b:attempts history(last:2){at}}}'],
  ["an id in digits", "{cancellation(provider:ONRAMP,orderId:2){attempts}}"],
  ["a cancellation that is none", '{cancellation(provider:ONRAMP,orderId:"unknown"){attempts}}'],
  ["a default of a variable", 'query($id:ID="2"){cancellation(provider:ONRAMP,orderId:$id){attempts}}'],
  ["the schema for gateways", "{_service{sdl}}"],
];

const notCompiled: [name: string, text: string][] = [
  ["a mutation", 'mutation{cancelOrders(provider:ONRAMP,ids:["1"]){orders{id}}}'],
  ["@include", "query($w:Boolean!){__typename @include(if:$w)}"],
  ["introspection", "{__schema{types{name}}}"],
  ["introspection of a type", '{__type(name:"Order"){name}}'],
  [
    "a variable in an object",
    'query($id:ID!){_entities(representations:[{__typename:"Order",provider:"ONRAMP",id:$id}]){__typename}}',
  ],
  [
    "a reference in the document",
    '{_entities(representations:{__typename:"Order",provider:"ONRAMP",id:-0}){__typename}}',
  ],
  ["a name that JavaScript would set as a prototype", "{cancellationProviders{__proto__:provider}}"],
  ["a variable in a list", "query($r:_Any!){_entities(representations:[$r]){__typename}}"],
];

describe("a query that comes again and again", () => {
  it.each(compiled)("%s: is compiled, and answers the same", async (_name, text, variables = {}) => {
    const document = valid(text);
    expect(queryToCompile(document, null)).toBeDefined();
    const expected = await interpret(text, variables);
    expect(expected.errors).toBeUndefined();
    expect((await runOften(text, variables)).map(asText)).toEqual(Array(runsBefore + 2).fill(asText(expected)));
  });

  it.each(notCompiled)("%s: is not compiled", (_name, text) => {
    expect(queryToCompile(valid(text), null)).toBeUndefined();
  });

  it.each<[string, string, Record<string, unknown>]>([
    ["a variable is missing", "query($id:ID!){cancellation(provider:ONRAMP,orderId:$id){attempts}}", {}],
    ["an id is not exact", "query($id:ID!){cancellation(provider:ONRAMP,orderId:$id){attempts}}", { id: 2 ** 53 }],
    [
      "an id in a selection is not exact",
      "query($o:[OrderKeyInput!]!){selectedOrders(orders:$o){id}}",
      { o: [{ provider: "ONRAMP", id: 2 ** 53 }] },
    ],
    ["an enum value is unknown", "query($p:OrderProvider!){cancellation(provider:$p,orderId:1){attempts}}", { p: "X" }],
    ["a variable is null", "query($n:Int=3){cancellations(first:$n){edges{cursor}}}", { n: null }],
    ["an argument is refused", "query($a:String!){cancellations(after:$a){edges{cursor}}}", { a: "bogus" }],
    ["a reference is faulty", `${entities}{__typename}}`, { r: [...references, { __typename: "Order" }] }],
    [
      "the ledger cannot be read",
      `${entities}{...on Order{id cancellation{status}}}}`,
      { r: [{ ...references[0], id: "broken" }] },
    ],
    [
      "there are more references than half of the most, beside an error",
      `${entities}{__typename}cancellations(after:"bogus"){edges{cursor}}}`,
      { r: Array(1001).fill(references[0]) },
    ],
    [
      "an inner argument is null",
      "query($n:Int=3){cancellation(provider:ONRAMP,orderId:1){history(last:$n){at}}}",
      { n: null },
    ],
  ])("if %s, the errors are graphql-js' own", async (_name, text, variables) => {
    const expected = await interpret(text, variables);
    expect(expected.errors?.length).toBeGreaterThan(0);
    for (const answer of await runOften(text, variables)) {
      expect(answer.errors?.map((error) => error.toJSON())).toEqual(expected.errors?.map((error) => error.toJSON()));
      expect(answer.data).toEqual(expected.data);
    }
  });

  it("the operation that is named is run, each with its own code", async () => {
    const text = '{a:__typename} query B{cancellation(provider:ONRAMP,orderId:"1"){attempts}}'.replace(
      "{a",
      "query A{a",
    );
    for (let run = 0; run < runsBefore + 2; run += 1) {
      const [a, b] = await Promise.all([runOften(text, {}, "A"), runOften(text, {}, "B")]);
      expect([a.at(-1)?.data, b.at(-1)?.data]).toEqual([{ a: "Query" }, { cancellation: { attempts: 1 } }]);
    }
  });

  it("more queries than are kept are answered all the same", async () => {
    const executor = createExecutor(schema);
    for (let index = 0; index < 500; index += 1) {
      const text = `{a${index}:__typename}`;
      expect((await run(executor, text, {})).data).toEqual({ [`a${index}`]: "Query" });
    }
  });

  it("a request whose trace is wanted is run by graphql-js, whose calls of resolvers are traced", async () => {
    const executor = createExecutor(schema);
    const document = valid("{cancellationProviders{provider}}");
    const field = schema.getQueryType()?.getFields().cancellationProviders;
    const resolve = field?.resolve;
    if (!field || !resolve) throw new Error("no such field");
    let traced = 0;
    for (let index = 0; index < runsBefore + 2; index += 1) await run(executor, document, {});
    field.resolve = (...call) => {
      traced += 1;
      return resolve(...call);
    };
    await run(executor, document, {});
    expect(traced).toBe(0);
    await run(executor, document, {}, null, { captureTraces: true });
    expect(traced).toBe(1);
    field.resolve = resolve;
  });
});

type Executor = ReturnType<typeof createExecutor>;
type Document = ReturnType<typeof parse>;

function valid(text: string): Document {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  return document;
}

async function interpret(text: string, variableValues: Record<string, unknown>) {
  return execute({ schema, document: valid(text), variableValues, contextValue: fakeContext() });
}

/** Before and after the query is compiled. */
async function runOften(text: string, variables: Record<string, unknown>, operationName: string | null = null) {
  const executor = createExecutor(schema);
  const document = valid(text);
  const answers: Awaited<ReturnType<Executor>>[] = [];
  for (let index = 0; index < runsBefore + 2; index += 1) {
    answers.push(await run(executor, document, variables, operationName));
  }
  return answers;
}

function run(
  executor: Executor,
  text: string | Document,
  variables: Record<string, unknown>,
  operationName: string | null = null,
  metrics = {},
) {
  const document = typeof text === "string" ? parse(text) : text;
  const operation = getOperationAST(document, operationName);
  return executor({
    document,
    operation,
    request: { operationName, variables },
    context: fakeContext(),
    metrics,
  } as never);
}

/** As a client gets it, with the order of its fields. */
function asText({ data, errors }: { data?: unknown; errors?: unknown }): string {
  return JSON.stringify({ data, errors });
}

function everyVariable() {
  const orders = ["1", "2", "1"].map((id) => ({ provider: "ONRAMP", id }));
  const filters = { status: "CANCELLED", problemCode: "TOO_LATE", id: "1", text: "alice" };
  return { ...one, ...filters, orders, first: 2, after: "Y2FuY2VsbGF0aW9uOjk" };
}

function other(providers: string[]) {
  return { r: providers.map((provider) => ({ __typename: "Order", provider, id: "1" })) };
}
