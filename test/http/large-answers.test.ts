import { afterAll, beforeAll, expect, it } from "vitest";
import { readAnswer } from "../support/post.ts";
import { type Service, startService } from "../support/service.ts";

/** Callers that ask for far more than they could use: their requests are refused, or wait, and nobody else notices. */
let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const aliases = (field: string, count: number) => Array.from({ length: count }, (_, i) => `a${i}:${field}`).join(" ");
const cancelWith = (fields: string) =>
  `mutation($ids:[ID!]!){cancelOrders(provider:ONRAMP,ids:$ids){orders{cancellation{${fields}}}}}`;
const once = (id: string, times: number) => ({ ids: Array.from({ length: times }, () => id) });

it("an answer above the limit is refused, and nothing is recorded or sent", async () => {
  const sent = service.sent();
  const { status, codes, messages, data } = await service.ask(
    cancelWith(aliases("history{at}", 99)),
    once("8001", 500),
  );
  expect([status, codes, data]).toEqual([422, ["BAD_USER_INPUT"], undefined]);
  expect(messages).toEqual([
    expect.stringMatching(/at most 145000, this one's could be 2977500 .* Nothing was sent\.$/),
  ]);
  expect(await service.read("ONRAMP", "8001")).toBeUndefined();
  expect(service.sent()).toBe(sent);
});

it("the same holds for a GET", async () => {
  const query = `{cancellation(provider:ONRAMP,orderId:"1"){${aliases("history(last:200){at kind attempt}", 99)}}}`;
  const headers = { "apollo-require-preflight": "1" };
  const response = await fetch(`${service.url}?query=${encodeURIComponent(query)}`, { headers });
  expect(await readAnswer(response)).toMatchObject({ status: 422, codes: ["BAD_USER_INPUT"] });
});

it("while such mutations and the largest that are allowed come in, others are served", async () => {
  service.simulator("ONRAMP").add("8100");
  service.simulator("KWIKPAISA").add("8200");
  await service.cancel("ONRAMP", ["8100"]);
  const refused = cancelWith(aliases("history{at}", 99));
  const largest = cancelWith(aliases("history(last:1){at}", 37));
  const sent = service.sent();

  const greedy = Array.from({ length: 10 }, async (_, index) => {
    const answer = await service.ask(index % 2 ? refused : largest, once("8100", 500));
    return answer.codes.join() || answer.data.cancelOrders.orders.length;
  });
  const health = await fetch(new URL("/healthz", service.url));
  const [order] = await service.cancel("KWIKPAISA", ["8200"]);

  expect([health.status, order?.cancellation?.status]).toEqual([200, "CANCELLED"]);
  expect(new Set(await Promise.all(greedy))).toEqual(new Set([500, "BAD_USER_INPUT"]));
  expect(service.sent()).toBe(sent + 1);
});

it.each([0, 201, -1])(
  "a mutation that asks for %d steps of the history is refused, and nothing is sent",
  async (last) => {
    const sent = service.sent();
    const { codes, messages } = await service.ask(cancelWith(`history(last:${last}){at}`), once("8002", 1));
    expect([codes, messages]).toEqual([["BAD_USER_INPUT"], [`last: needs a whole number from 1 to 200, got ${last}.`]]);
    expect(await service.read("ONRAMP", "8002")).toBeUndefined();
    expect(service.sent()).toBe(sent);
  },
);

it("both ends of what the history promises are taken: 1 and 200", async () => {
  const query = `query($last:Int!){cancellation(provider:ONRAMP,orderId:"8100"){history(last:$last){kind}}}`;
  const kinds = async (last: number) => {
    const { data } = await service.ask(query, { last });
    return data.cancellation.history.map(({ kind }: { kind: string }) => kind);
  };
  expect([await kinds(1), await kinds(200)]).toEqual([["SETTLED"], ["REQUESTED", "SENT", "ATTEMPT_ENDED", "SETTLED"]]);
});
