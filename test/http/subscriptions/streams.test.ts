import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Issuer, startIssuer } from "../../support/issuer.ts";
import { post } from "../../support/post.ts";
import { type Service, startService } from "../../support/service.ts";
import { orderCancellations, type Subscribed, subscribe, type Transport, transports } from "../../support/subscribe.ts";

let issuer: Issuer;
let service: Service;
const closing: (() => unknown)[] = [];
beforeAll(async () => {
  service = await startService();
  issuer = await startIssuer();
});
afterAll(async () => {
  await service?.stop();
  await issuer?.close();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe.each(transports)("%s", (transport) => {
  it("sends the state now, then each new one, and ends when all orders are settled", async () => {
    const [one, two] = [`one-${transport}`, `two-${transport}`];
    const stream = open(transport, service, { provider: "ONRAMP", ids: [one, two, one] });
    expect([await stream.next(), await stream.next()]).toEqual([one, two].map((id) => event(id, null)));
    await service.cancel("ONRAMP", [one, two]);
    expect(await stream.ended).toBeUndefined();

    const refused = { status: "REJECTED", problem: { code: "ORDER_NOT_FOUND" }, attempts: 1 };
    for (const id of [one, two]) {
      const states = stream.events.filter(({ data }) => data.orderCancellations.id === id);
      expect(states.at(-1)).toEqual(event(id, refused));
      expect(states.length).toBeGreaterThan(2);
    }
  });

  it("refuses what a mutation would refuse, with the same code, and tells why", async () => {
    const ids = Array.from({ length: 501 }, (_, index) => `${index}`);
    expect(await refusal(transport, service, { provider: "ONRAMP", ids })).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT" }, message: expect.stringContaining("at most 500 ids") },
    ]);
    expect(await refusal(transport, service, { provider: "ONRAMP", ids: ["", "fine"] })).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT" }, message: expect.stringContaining("ids[0] is empty") },
    ]);
    expect(await refusal(transport, service, { provider: "NOBODY", ids: ["1"] })).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT" } },
    ]);
    const inexact = JSON.parse('{ "provider": "ONRAMP", "ids": [9007199254740993] }');
    expect(await refusal(transport, service, inexact)).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  });

  it("holds documents to the limits of every request", async () => {
    const deep = `${"order { cancellation { ".repeat(7)} status ${"} }".repeat(7)}`;
    const query = (selection: string) =>
      `subscription { orderCancellations(provider: ONRAMP, ids: ["1"]) { cancellation { ${selection} } } }`;
    const aliases = Array.from({ length: 101 }, (_, index) => `a${index}: status`).join(" ");
    const tokens = "status ".repeat(2000);
    expect(await refusal(transport, service, {}, query(deep))).toMatchObject([
      { extensions: { code: "GRAPHQL_VALIDATION_FAILED" } },
    ]);
    expect(await refusal(transport, service, {}, query(aliases))).toMatchObject([
      { extensions: { code: "GRAPHQL_VALIDATION_FAILED" } },
    ]);
    expect(await refusal(transport, service, {}, query(tokens))).toMatchObject([
      { extensions: { code: "GRAPHQL_PARSE_FAILED" } },
    ]);
    expect(await refusal(transport, service, {}, query("stat"))).toMatchObject([
      { extensions: { code: "GRAPHQL_VALIDATION_FAILED" }, message: expect.not.stringContaining("Did you mean") },
    ]);
  });

  it("runs neither queries nor mutations", async () => {
    const before = service.sent();
    for (const query of [
      "{ cancellationProviders { provider } }",
      `mutation { cancelOrders(provider: ONRAMP, ids: ["1"]) { orders { id } } }`,
    ]) {
      expect(await refusal(transport, service, {}, query)).toMatchObject([
        { extensions: { code: "BAD_REQUEST" }, message: expect.stringContaining("Only subscriptions run here") },
      ]);
    }
    expect(service.sent()).toBe(before);
  });

  it("shows the history of the moment with each event", async () => {
    const query = `subscription { orderCancellations(provider: ONRAMP, ids: ["h-${transport}"]) {
      cancellation { status history { kind } order { id cancellation { status } } }
    } }`;
    const stream = open(transport, service, {}, query);
    await stream.next();
    await service.cancel("ONRAMP", [`h-${transport}`]);
    expect(await stream.ended).toBeUndefined();
    const { cancellation } = stream.events.at(-1).data.orderCancellations;
    expect(cancellation.history.at(-1)).toEqual({ kind: "SETTLED" });
    expect(cancellation.order).toEqual({ id: `h-${transport}`, cancellation: { status: "REJECTED" } });
  });

  it("accepts no more than MAX_SUBSCRIPTIONS, which the metric counts, until one ends", async () => {
    const small = await start({ MAX_SUBSCRIPTIONS: "2" });
    const streams = [1, 2].map((id) => open(transport, small, { provider: "ONRAMP", ids: [`${id}`] }));
    for (const stream of streams) await stream.next();
    expect(await gauge(small)).toBe(2);
    expect(await refusal(transport, small, { provider: "ONRAMP", ids: ["3"] })).toMatchObject([
      { extensions: { code: "TOO_MANY_SUBSCRIPTIONS" } },
    ]);
    streams[0]?.stop();
    await expect.poll(() => gauge(small)).toBe(1);
    await open(transport, small, { provider: "ONRAMP", ids: ["3"] }).next();
  });

  it("ends after SUBSCRIPTION_MAX_AGE_MS, without an error", async () => {
    const brief = await start({ SUBSCRIPTION_MAX_AGE_MS: "1000" });
    const stream = open(transport, brief, { provider: "ONRAMP", ids: ["1"] });
    await stream.next();
    expect(await stream.ended).toBeUndefined();
    expect(logged(brief, "subscription-ended")).toMatchObject([{ reason: "age", states: 1 }]);
  });

  it("ends when the token expires", async () => {
    const guarded = await start(issuer.settings);
    const headers = await issuer.bearer({ exp: Math.floor(Date.now() / 1000) + 3 });
    const stream = subscribe(transport, guarded.url, { provider: "ONRAMP", ids: ["1"] }, { headers });
    closing.push(stream.stop);
    await stream.next();
    const end = (await stream.ended) as { code?: number; reason?: string } | undefined;
    if (transport === "SSE") expect(end).toBeUndefined();
    else expect([end?.code, end?.reason]).toEqual([4403, "The access token has expired."]);
    await expect.poll(() => gauge(guarded)).toBe(0);
  });

  it("is logged and counted as a request is, with its id, its operation and its codes", async () => {
    const own = await start();
    const headers = { "x-request-id": "mine", traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` };
    const stream = subscribe(transport, own.url, { provider: "ONRAMP", ids: ["1"] }, { headers });
    await stream.next();
    stream.stop();
    await expect.poll(() => logged(own, "subscription-ended").length).toBe(1);
    await refusal(transport, own, { provider: "ONRAMP", ids: [""] });

    const line = { operation: "subscription Watch", status: 200 };
    expect(logged(own, "graphql-request")).toMatchObject([
      { ...line, requestId: "mine", traceId: "a".repeat(32), codes: [] },
      { ...line, codes: ["BAD_USER_INPUT"] },
    ]);
    expect(logged(own, "subscription-ended")).toMatchObject([{ requestId: "mine", reason: "client", states: 1 }]);
    const metrics = await (await fetch(new URL("/metrics", own.url))).text();
    expect(metrics).toContain('order_cancellation_graphql_errors_total{code="BAD_USER_INPUT"} 1\n');
    expect(metrics).toContain('order_cancellation_graphql_duration_seconds_count{status="200"} 2\n');
  });
});

it("a subscription that is POSTed as any other operation is refused, and told what it needs", async () => {
  const variables = { provider: "ONRAMP", ids: ["1"] };
  const { status, codes, messages } = await post(service.url, { query: orderCancellations, variables });
  expect([status, codes]).toEqual([400, ["BAD_REQUEST"]]);
  expect(messages[0]).toContain("text/event-stream");
});

it("a query whose client accepts events as well as JSON is answered with JSON", async () => {
  const accept = "application/json, text/event-stream";
  const { data } = await post(
    service.url,
    { query: "{ cancellationProviders { provider } }" },
    { headers: { accept } },
  );
  expect(data.cancellationProviders).toHaveLength(5);
  const named = await post(service.url, { query: "query subscription { __typename }" }, { headers: { accept } });
  expect(named.data).toEqual({ __typename: "Query" });
});

it("events can be asked for by GET", async () => {
  const url = new URL(service.url);
  const query = `subscription ($ids: [ID!]!) { orderCancellations(provider: ONRAMP, ids: $ids) { id } }`;
  url.search = String(new URLSearchParams({ query, variables: JSON.stringify({ ids: [] }) }));
  const response = await fetch(url, { headers: { accept: "text/event-stream" } });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(await response.text()).toBe("event: complete\ndata:\n\n");
  url.searchParams.set("variables", "{");
  expect((await fetch(url, { headers: { accept: "text/event-stream" } })).status).toBe(400);
});

function open(transport: Transport, to: Service, variables: Record<string, unknown>, query?: string): Subscribed {
  const stream = subscribe(transport, to.url, variables, query === undefined ? {} : { query });
  closing.push(stream.stop);
  return stream;
}

async function start(settings: Record<string, string> = {}): Promise<Service> {
  const started = await startService(settings);
  closing.push(started.stop);
  return started;
}

/** The errors that a subscription is refused with. */
async function refusal(transport: Transport, to: Service, variables: Record<string, unknown>, query?: string) {
  const stream = open(transport, to, variables, query);
  const error = await stream.ended;
  expect(stream.events.filter(({ data }) => data)).toEqual([]);
  return transport === "SSE" ? stream.events[0]?.errors : error;
}

function event(id: string, cancellation: unknown) {
  return { data: { orderCancellations: { provider: "ONRAMP", id, cancellation } } };
}

function logged({ lines }: Service, event: string) {
  return lines.map((line) => JSON.parse(line)).filter((line) => line.event === event);
}

async function gauge({ url }: Service): Promise<number> {
  const text = await (await fetch(new URL("/metrics", url))).text();
  return Number(/^order_cancellation_subscriptions (\d+)$/m.exec(text)?.[1]);
}
