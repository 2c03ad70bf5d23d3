import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Issuer, startIssuer } from "../support/issuer.ts";
import { cancellation, cancelOrders, type Service, startService } from "../support/service.ts";

const mine = ["5a4db0c50000000000000001", "5a4db0c50000000000000002"];
const foreign = "5a4db0c50000000000000003";

let issuer: Issuer;
let checker: Checker;
let service: Service;

beforeAll(async () => {
  issuer = await startIssuer();
  checker = await startChecker();
  service = await startService({ ...issuer.settings, ACCESS_CHECK_URL: checker.url });
});
afterAll(async () => {
  await service.stop();
  await checker.close();
  await issuer.close();
});
beforeEach(() => {
  checker.questions.length = 0;
  checker.answer = (response) => response.end(JSON.stringify({ allowed: mine }));
});

/** Whatever was asked for was neither sent nor recorded. */
async function nothingHappened(): Promise<void> {
  expect(service.sent()).toBe(0);
  checker.answer = (response) => response.end(JSON.stringify({ allowed: [...mine, foreign] }));
  const headers = await issuer.bearer();
  for (const orderId of [...mine, foreign]) {
    expect((await service.ask(cancellation, { provider: "TRONSAVE", orderId }, headers)).data).toEqual({
      cancellation: null,
    });
  }
}

it("a foreign id makes the whole request FORBIDDEN: its positions are named, nothing is sent or recorded", async () => {
  const ids = [mine[0], foreign, mine[1], foreign];
  const answer = await service.ask(cancelOrders, { provider: "TRONSAVE", ids }, await issuer.bearer());
  expect(answer).toMatchObject({ data: null, codes: ["FORBIDDEN"] });
  expect(answer.messages).toEqual(["These orders are not yours: ids[1], ids[3]. Nothing was sent."]);
  expect(answer.text).not.toContain(foreign);
  await nothingHappened();
});

it("many foreign ids are counted, not listed", async () => {
  const ids = Array.from({ length: 40 }, (_, index) => `theirs-${index}`);
  const answer = await service.ask(cancelOrders, { provider: "TRONSAVE", ids }, await issuer.bearer());
  expect(answer.messages[0]).toContain("ids[9] and 30 more");
  expect(checker.questions).toHaveLength(1);
});

it("the question is who, where and what, with the caller's token", async () => {
  const headers = await issuer.bearer({ sub: "bob" });
  await service.ask(cancelOrders, { provider: "TRONSAVE", ids: [foreign, mine[0], foreign] }, headers);
  expect(checker.questions).toEqual([
    {
      method: "POST",
      path: "/may",
      body: { subject: "bob", provider: "TRONSAVE", ids: [foreign, mine[0]] },
      headers: expect.objectContaining({
        ...headers,
        "content-type": "application/json",
        "user-agent": expect.stringMatching(/^order-cancellation-subgraph\/\d/),
      }),
    },
  ]);
});

it.each<[string, (response: ServerResponse) => void]>([
  ["500", (response) => response.writeHead(500).end(JSON.stringify({ allowed: mine }))],
  ["404", (response) => response.writeHead(404).end()],
  ["a redirect", (response) => response.writeHead(307, { location: "/elsewhere" }).end()],
  ["no JSON", (response) => response.end("<html>allowed</html>")],
  ["nothing", (response) => response.end()],
  ["no list", (response) => response.end('{"allowed":true}')],
  ["a list of something else", (response) => response.end(`{"allowed":["${mine[0]}",{"id":"${mine[1]}"}]}`)],
  ["null", (response) => response.end("null")],
  ["too much", (response) => response.end(JSON.stringify({ allowed: mine, padding: "x".repeat(1_100_000) }))],
  [
    "half of an answer",
    (response) => response.writeHead(200, { "content-length": 100 }).write("{") && response.destroy(),
  ],
  ["a hang-up", (response) => response.destroy()],
])("no answer means no: %s", async (_name, answer) => {
  checker.answer = answer;
  const headers = await issuer.bearer();
  const refused = await service.ask(cancelOrders, { provider: "TRONSAVE", ids: mine }, headers);
  expect(refused).toMatchObject({ data: null, codes: ["FORBIDDEN"] });
  expect(refused.messages).toEqual(["We could not find out whether these orders are yours. Nothing was sent."]);
  const read = await service.ask(cancellation, { provider: "TRONSAVE", orderId: mine[0] }, headers);
  expect(read).toMatchObject({ data: { cancellation: null }, codes: ["FORBIDDEN"] });
  expect(checker.questions.map(({ path }) => path)).toEqual(["/may", "/may"]);
  expect(service.lines.join("")).toContain('"event":"access-check-unanswered"');
  await nothingHappened();
});

it("an answer that never ends is not waited for", async () => {
  checker.answer = (response) => void response.writeHead(200).write("{");
  const refused = await service.ask(cancelOrders, { provider: "TRONSAVE", ids: mine }, await issuer.bearer());
  expect(refused.codes).toEqual(["FORBIDDEN"]);
  await nothingHappened();
});

it("the access check is not asked about refused requests, nor about no orders", async () => {
  const reader = await issuer.bearer({ scope: "openid" });
  await service.ask(cancelOrders, { provider: "TRONSAVE", ids: mine }, reader);
  await service.ask(cancelOrders, { provider: "TRONSAVE", ids: [""] }, await issuer.bearer());
  const { data } = await service.ask(cancelOrders, { provider: "TRONSAVE", ids: [] }, await issuer.bearer());
  expect(data).toEqual({ cancelOrders: { orders: [] } });
  expect(checker.questions).toEqual([]);
});

it("many reads in one request are one question per provider", async () => {
  const fields = [...mine, foreign].map(
    (id, index) => `a${index}: cancellation(provider: TRONSAVE, orderId: "${id}") { status }`,
  );
  const answer = await service.ask(
    `{ ${fields.join(" ")} b: cancellation(provider: ONRAMP, orderId: "1") { status } }`,
    {},
    await issuer.bearer(),
  );
  expect(checker.questions).toHaveLength(2);
  // They travel on two connections, and may arrive in either order.
  expect(checker.questions.map(({ body }) => body)).toEqual(
    expect.arrayContaining([
      { subject: "alice", provider: "TRONSAVE", ids: [...mine, foreign] },
      { subject: "alice", provider: "ONRAMP", ids: ["1"] },
    ]),
  );
  expect(answer.data).toEqual({ a0: null, a1: null, a2: null, b: null });
  expect(answer.messages).toEqual(["This order is not yours.", "This order is not yours."]);
});

it("the caller's own orders are cancelled", async () => {
  const headers = await issuer.bearer();
  const { data } = await service.ask(cancelOrders, { provider: "TRONSAVE", ids: mine }, headers);
  const statuses = data.cancelOrders.orders.map(
    (order: { cancellation: { status: string } }) => order.cancellation.status,
  );
  expect(statuses).toEqual(["CANCELLED", "CANCELLED"]);
  const { data: read } = await service.ask(cancellation, { provider: "TRONSAVE", orderId: mine[0] }, headers);
  expect(read.cancellation.status).toBe("CANCELLED");
  expect(service.sent()).toBe(1);
});

interface Checker {
  url: string;
  readonly questions: { method: string; path: string; body: unknown; headers: IncomingHttpHeaders }[];
  answer(response: ServerResponse): void;
  close(): Promise<void>;
}

async function startChecker(): Promise<Checker> {
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    const { method = "", url: path = "", headers } = request;
    checker.questions.push({ method, path, body: JSON.parse(text), headers });
    checker.answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const checker: Checker = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/may`,
    questions: [],
    answer: () => {},
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return checker;
}
