import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { post, readAnswer } from "../support/post.ts";
import { cancellation, cancelOrders, type Service, startService } from "../support/service.ts";

const entities = `query($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Order { cancellation { status } } }
}`;
const list = "{ cancellations { edges { node { order { id } } } } }";

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

/** As JSON has them: what JSON.parse makes of these is another number, or another text, than what was written. */
const inexact = [
  ...["9007199254740993", "9007199254740992", "-9007199254740993", "1e21", "1e400", "-0"],
  ...["1.5", "9007199254740990.6", "0.99999999999999999999", "1e-400", "4503599627370497.5"],
];

describe.each(inexact)("the number %s is refused as an id, and nothing is sent or recorded", (number) => {
  const nothing = async () => {
    expect(service.sent()).toBe(0);
    expect((await service.ask(list)).data.cancellations.edges).toEqual([]);
  };

  it.each([
    ["in ids", cancelOrders, `{"provider":"ONRAMP","ids":["1443",${number}]}`, "ids[1]", null],
    ["in ids that are one", cancelOrders, `{"provider":"ONRAMP","ids":${number}}`, '"$ids"', null],
    ["in orderId", cancellation, `{"provider":"ONRAMP","orderId":${number}}`, '"$orderId"', null],
    [
      "in a reference",
      entities,
      `{"representations":[{"__typename":"Order","provider":"ONRAMP","id":${number}}]}`,
      "representations[0]",
      { _entities: [null] },
    ],
  ])("an inexact number %s is refused", async (_name, query, variables, position, data) => {
    const answer = await post(service.url, `{"query":${JSON.stringify(query)},"variables":${variables}}`);
    expect([answer.codes, answer.data ?? null]).toEqual([["BAD_USER_INPUT"], data]);
    expect(answer.messages[0]).toContain(position);
    await nothing();
  });

  it("an inexact number in the address of a GET is refused", async () => {
    const search = new URLSearchParams({ query: cancellation, variables: `{"provider":"ONRAMP","orderId":${number}}` });
    const headers = { "apollo-require-preflight": "1" };
    const answer = await readAnswer(await fetch(`${service.url}?${search}`, { headers }));
    expect([answer.codes, answer.messages[0]]).toEqual([["BAD_USER_INPUT"], expect.stringContaining('"$orderId"')]);
  });

  it("an inexact number in a reference that the document holds is refused", async () => {
    const document = `{_entities(representations:[{__typename:"Order",provider:"ONRAMP",id:${number}}]){__typename}}`;
    const answer = await service.ask(document);
    expect([answer.codes, answer.data]).toEqual([["BAD_USER_INPUT"], { _entities: [null] }]);
    expect(answer.messages[0]).toContain("representations[0]");
  });
});

describe("the id that reaches the provider is what was written", () => {
  const received = () => {
    const onramp = service.simulators.simulators.find(({ provider }) => provider === "ONRAMP");
    return onramp?.received.flatMap(({ orderIds }) => orderIds) ?? [];
  };
  let before: number;
  beforeEach(() => {
    before = received().length;
  });

  it.each(["9007199254740991", "1443", "0"])(
    "a number that JSON carries exactly reaches the provider as written: %s",
    async (number) => {
      const body = `{"query":${JSON.stringify(cancelOrders)},"variables":{"provider":"ONRAMP","ids":[${number}]}}`;
      const { data } = await post(service.url, body);
      expect(data.cancelOrders.orders[0].id).toBe(number);
      expect(new Set(received().slice(before))).toEqual(new Set([number]));
    },
  );

  it.each(["9007199254740993", "900719925474099312345", "007"])(
    "digits in a string reach the provider as written: %s",
    async (id) => {
      const { data } = await service.ask(cancelOrders, { provider: "ONRAMP", ids: [id] });
      expect(data.cancelOrders.orders[0].id).toBe(id);
      expect(new Set(received().slice(before))).toEqual(new Set([id]));
    },
  );

  it("a number in the document is text, and never rounded", async () => {
    const id = "9007199254740995";
    const { data } = await service.ask(`mutation{cancelOrders(provider:ONRAMP,ids:[${id}]){orders{id}}}`);
    expect(data.cancelOrders.orders).toEqual([{ id }]);
    expect(new Set(received().slice(before))).toEqual(new Set([id]));
  });

  it("numbers elsewhere are what they were", async () => {
    const query = "query($first:Int!){cancellations(first:$first){edges{cursor}}}";
    for (const first of ["1.0", "1e1", "10"]) {
      const { codes } = await post(service.url, `{"query":"${query}","variables":{"first":${first}}}`);
      expect(codes).toEqual([]);
    }
  });
});

it("2000 references are the limit of a request, however many lists they come in", async () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ __typename: "Order", provider: "ONRAMP", id: `${index}` }));
  const query = `query($a:[_Any!]!,$b:[_Any!]!){
    a:_entities(representations:$a){__typename} b:_entities(representations:$b){__typename}
  }`;
  expect((await service.ask(query, { a: many(1000), b: many(1000) })).codes).toEqual([]);
  const refused = await service.ask(query, { a: many(1000), b: many(1001) });
  expect([refused.codes, refused.data]).toEqual([["BAD_USER_INPUT"], null]);
  expect(refused.messages[0]).toContain("2000");
});
