import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type Issuer, startIssuer } from "../../support/issuer.ts";
import { type Service, startService } from "../../support/service.ts";
import { type SubscribeOptions, subscribe, transports } from "../../support/subscribe.ts";

const secret = "gateway-secret-of-the-test";
let issuer: Issuer;
let service: Service;
beforeAll(async () => {
  issuer = await startIssuer();
  service = await startService({ ...issuer.settings, GATEWAY_SECRET: secret });
});
afterAll(async () => {
  await service?.stop();
  await issuer?.close();
});

/** Where each router puts a token and a secret on a WebSocket (looked up 2026-11-21). */
const routers: Record<string, (token: string, shared: string) => SubscribeOptions> = {
  "Apollo Router": (token, shared) => ({
    headers: { authorization: `Bearer ${token}`, "x-gateway-secret": shared },
    payload: { connectionParams: { token: `Bearer ${token}` } },
  }),
  "Apollo Router that propagates the secret alone": (token, shared) => ({
    headers: { "x-gateway-secret": shared },
    payload: { connectionParams: { token: `Bearer ${token}` } },
  }),
  "Hive Router": (token, shared) => ({
    payload: { authorization: `Bearer ${token}`, "x-gateway-secret": shared },
  }),
  "Hive Router with names as a person writes them": (token, shared) => ({
    payload: { Authorization: `Bearer ${token}`, "X-Gateway-Secret": shared },
  }),
  "Hive Gateway": (token, shared) => ({ payload: { token, "x-gateway-secret": shared } }),
  "Hive Gateway with a scheme": (token, shared) => ({
    payload: { token: `Bearer ${token}`, "x-gateway-secret": shared },
  }),
  "Cosmo Router": (token, shared) => ({
    headers: { "x-gateway-secret": shared, authorization: `Bearer ${token}` },
    payload: { anything: { of: "the client" }, token: 7 },
  }),
};

describe.each(Object.entries(routers))("%s", (_, options) => {
  it("is accepted with a valid token and the secret", async () => {
    const stream = connect(options(await issuer.token(), secret));
    expect(await stream.next()).toMatchObject({ data: { orderCancellations: { id: "1", cancellation: null } } });
    stream.stop();
  });

  it.each([
    ["a wrong secret", async () => options(await issuer.token(), "wrong"), "Only the gateway may ask here."],
    ["a wrong token", async () => options("a.b.c", secret), "The access token is not valid."],
    ["an expired token", async () => options(await issuer.token({ exp: 1 }), secret), "The access token has expired."],
  ])("is refused with %s, before anything is read", async (_, bad, reason) => {
    const stream = connect(await bad());
    expect(await stream.ended).toMatchObject({ code: 4403, reason });
    expect(stream.events).toEqual([]);
  });
});

it("a WebSocket without a token is refused", async () => {
  expect(await connect({ payload: { "x-gateway-secret": secret } }).ended).toMatchObject({
    code: 4403,
    reason: "This needs an access token.",
  });
});

it("credentials of the upgrade request win over those of the payload", async () => {
  const { authorization } = await issuer.bearer();
  const wrong = { headers: { "x-gateway-secret": "wrong" }, payload: { authorization, "x-gateway-secret": secret } };
  expect(await connect(wrong).ended).toMatchObject({ code: 4403 });
});

it("a token that cannot be checked at the moment is no reason not to try again", async () => {
  const away = await startIssuer();
  const other = await startService(away.settings);
  const token = await away.token();
  await away.close();
  const stream = subscribe("WebSocket", other.url, { provider: "ONRAMP", ids: ["1"] }, { payload: { token } });
  expect(await stream.ended).toMatchObject({ code: 1013 });
  await other.stop();
});

it("a request for events is refused as a POST is", async () => {
  const { authorization } = await issuer.bearer();
  const cases = [
    { authorization },
    { "x-gateway-secret": secret },
    { "x-gateway-secret": secret, authorization: "Bearer a.b.c" },
  ];
  const answers = await Promise.all(
    cases.map((headers) =>
      fetch(service.url, {
        method: "POST",
        headers: { ...headers, accept: "text/event-stream", "content-type": "application/json" },
        body: JSON.stringify({
          query: `subscription { orderCancellations(provider: ONRAMP, ids: ["1"]) { id } }`,
        }),
      }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual([401, 200, 401]);
  expect(answers[0]?.headers.get("www-authenticate")).toBe("Bearer");
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  expect(texts.map((text) => text.includes("UNAUTHENTICATED"))).toEqual([true, true, true]);
});

it.each(transports)("over %s the access check decides whose orders they are", async (transport) => {
  const { createServer } = await import("node:http");
  const asked: unknown[] = [];
  const check = createServer(async (request, response) => {
    const { ids, ...question } = JSON.parse((await request.toArray()).join(""));
    asked.push(question);
    response.end(JSON.stringify({ allowed: ids.filter((id: string) => id.startsWith("mine")) }));
  });
  await new Promise<void>((resolve) => check.listen(0, "127.0.0.1", resolve));
  const { port } = check.address() as { port: number };
  const own = await startService({ ...issuer.settings, ACCESS_CHECK_URL: `http://127.0.0.1:${port}/` });
  const headers = await issuer.bearer();
  const mine = subscribe(transport, own.url, { provider: "ONRAMP", ids: ["mine"] }, { headers });
  await mine.next();
  mine.stop();
  const others = subscribe(transport, own.url, { provider: "ONRAMP", ids: ["mine", "theirs"] }, { headers });
  const error = await others.ended;
  expect(transport === "SSE" ? others.events[0]?.errors : error).toMatchObject([
    { extensions: { code: "FORBIDDEN" }, message: expect.stringContaining("ids[1]") },
  ]);
  expect(asked).toEqual([
    { subject: "alice", provider: "ONRAMP" },
    { subject: "alice", provider: "ONRAMP" },
  ]);
  await own.stop();
  check.close();
});

it("without secret and tokens, pages of other origins may not open a WebSocket", async () => {
  const open = await startService();
  const host = new URL(open.url).host;
  const answers = ["http://evil.example", "null", `http://${host}`, "https://studio.apollographql.com"].map(
    (origin) =>
      new Promise((resolve) => {
        const socket = new WebSocket(open.url.replace("http", "ws"), "graphql-transport-ws", { origin });
        socket.on("error", (error) => resolve(error.message));
        socket.on("open", () => {
          resolve("open");
          socket.terminate();
        });
      }),
  );
  const refused = "Unexpected server response: 403";
  expect(await Promise.all(answers)).toEqual([refused, refused, "open", "open"]);
  await open.stop();
});

function connect(options: SubscribeOptions) {
  return subscribe("WebSocket", service.url, { provider: "ONRAMP", ids: ["1"] }, options);
}
