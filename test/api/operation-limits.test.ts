import "reflect-metadata";
import { type GraphQLSchema, parse, validate } from "graphql";
import { beforeAll, describe, expect, it } from "vitest";
import { operationLimits } from "../../src/api/limits/operation-limits.ts";
import { buildSubgraph } from "../../src/api/schema.ts";
import { providerNames } from "../../src/providers/registry.ts";

let schema: GraphQLSchema;
beforeAll(async () => {
  ({ schema } = await buildSubgraph());
});

const refusals = (text: string) => validate(schema, parse(text), operationLimits()).map(({ message }) => message);
const renamed = (field: string, count: number) => Array.from({ length: count }, (_, i) => `a${i}: ${field}`).join(" ");
const read = 'cancellation(provider: ONRAMP, orderId: "1")';
const cancel = 'cancelOrders(provider: ONRAMP, ids: ["1"])';

describe("renamed fields", () => {
  const found = (count: number) => [`Aliases limit of 100 exceeded, found ${count}.`];

  it("100 of them pass, 101 are refused, __typename among them", () => {
    expect(refusals(`{ ${renamed("__typename", 100)} }`)).toEqual([]);
    expect(refusals(`{ ${renamed("__typename", 101)} }`)).toEqual(found(101));
  });

  it.each([
    ["within fields", `{ ${read} { ${renamed("status", 60)} order { ${renamed("id", 60)} } } }`],
    ["of a mutation", `mutation { ${cancel} { orders { ${renamed("id", 120)} } } }`],
    [
      "of a subscription",
      `subscription { orderCancellations(provider: ONRAMP, ids: ["1"]) { ${renamed("id", 120)} } }`,
    ],
    ["within inline fragments", `{ ... on Query { ${renamed("__typename", 120)} } }`],
    ["of a fragment that is used twice", `{ ...F ... { ...F } } fragment F on Query { ${renamed("__typename", 60)} }`],
  ])("%s, more than 100 together: refused", (_, text) => {
    const messages = refusals(text).filter((message) => message.startsWith("Aliases"));
    expect(messages).toEqual(found(120));
  });
});

describe("mutations", () => {
  const most = providerNames.length;

  it("one for each provider passes, with as many fields within as they like; one more is refused", () => {
    const fields = "{ orders { provider id cancellation { status attempts } } }";
    expect(refusals(`mutation { ${renamed(`${cancel} ${fields}`, most)} }`)).toEqual([]);
    expect(refusals(`mutation { ${renamed(`${cancel} ${fields}`, most + 1)} }`)).toEqual([
      `Mutations limit of ${most} exceeded, found ${most + 1}.`,
    ]);
  });

  it("a query may have more fields than a request may have mutations", () => {
    expect(refusals(`{ ${renamed("__typename", most + 1)} }`)).toEqual([]);
  });
});
