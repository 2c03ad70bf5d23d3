import { request } from "node:http";
import { getIntrospectionQuery } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createContext } from "../../src/api/context.ts";
import { providerNames } from "../../src/providers/registry.ts";
import { type Answer, post, readAnswer } from "../support/post.ts";
import { cancellation, cancelOrders, type Service, startService } from "../support/service.ts";

/** Far more than any refusal takes, also on a slow machine (here about 100 ms); much of what is refused would never end. */
const quicklyMs = 20_000;

const sandbox = "https://studio.apollographql.com";
const order = { provider: "TRONSAVE", id: "5a4db0c50000000000000001" };
const introspection = getIntrospectionQuery({
  specifiedByUrl: true,
  schemaDescription: true,
  inputValueDeprecation: true,
});
const entities = `query Joined__cancellations__1($representations:[_Any!]!) {
  _entities(representations:$representations){...on Order{cancellation{status}}}
}`;

let service: Service;
let production: Service;

beforeAll(async () => {
  service = await startService();
  production = await startService({ NODE_ENV: "production", AUTH: "none" });
});
afterAll(() => Promise.all([service.stop(), production.stop()]));

describe("floods are refused quickly, and the service is as before", () => {
  const times = (count: number, text: (index: number) => string) =>
    Array.from({ length: count }, (_, i) => text(i)).join(" ");
  const ids = (count: number, id: unknown) => ({ provider: "TRONSAVE", ids: Array.from({ length: count }, () => id) });
  const nested = (depth: number) => `${"order{cancellation{".repeat(depth / 2)}status${"}}".repeat(depth / 2)}`;
  const read = `cancellation(provider:TRONSAVE,orderId:"1")`;

  const floods: Record<string, [refusal: string, send: () => Promise<Answer>]> = {
    "100,000 ids": ["BAD_USER_INPUT", () => service.ask(cancelOrders, ids(100_000, "1"))],
    "100,000 ids of full length": ["BAD_REQUEST", () => service.ask(cancelOrders, ids(100_000, order.id))],
    "100,000 things that are no ids": ["BAD_USER_INPUT", () => service.ask(cancelOrders, ids(100_000, {}))],
    "an id of a megabyte": ["BAD_USER_INPUT", () => service.ask(cancelOrders, ids(1, "x".repeat(1_000_000)))],
    "ids of nothing but depth": [
      "BAD_USER_INPUT",
      () =>
        post(
          service.url,
          `{"query":${JSON.stringify(cancelOrders)},"variables":{"provider":"TRONSAVE","ids":${depths(100_000)}}}`,
        ),
    ],
    "10,000 references": [
      "BAD_USER_INPUT",
      () =>
        service.ask(entities, {
          representations: Array.from({ length: 10_000 }, () => ({ __typename: "Order", ...order })),
        }),
    ],
    "references of nothing but depth": [
      "BAD_USER_INPUT",
      () =>
        post(service.url, `{"query":${JSON.stringify(entities)},"variables":{"representations":[${depths(400_000)}]}}`),
    ],
    "a body of 20 MB": [
      "BAD_REQUEST",
      () => post(service.url, { query: "{__typename}", padding: "x".repeat(20_000_000) }),
    ],
    "1,000 aliases": ["GRAPHQL_PARSE_FAILED", () => service.ask(`{${times(1000, (i) => `a${i}:${read}{status}`)}}`)],
    "101 aliases": ["GRAPHQL_VALIDATION_FAILED", () => service.ask(`{${times(101, (i) => `a${i}:${read}{status}`)}}`)],
    "101 aliases of __typename": [
      "GRAPHQL_VALIDATION_FAILED",
      () => service.ask(`{${times(101, (i) => `a${i}:__typename`)}}`),
    ],
    "102 aliases in fragments": [
      "GRAPHQL_VALIDATION_FAILED",
      () =>
        service.ask(
          `{...A ... on Query{...A}} fragment A on Query{...B ...B ...B} fragment B on Query{${times(17, (i) => `a${i}:__typename`)}}`,
        ),
    ],
    "fragments that hold themselves": [
      "GRAPHQL_VALIDATION_FAILED",
      () => service.ask("mutation{...F} fragment F on Mutation{a:__typename ...F}"),
    ],
    "more mutations in one request than there are providers": [
      "GRAPHQL_VALIDATION_FAILED",
      () =>
        service.ask(
          `mutation{...F ...F} fragment F on Mutation{${times(Math.ceil((providerNames.length + 1) / 2), (i) => `a${i}:cancelOrders(provider:TRONSAVE,ids:["${i}"]){__typename}`)}}`,
        ),
    ],
    "a query 500 deep": ["GRAPHQL_VALIDATION_FAILED", () => service.ask(`{${read}{${nested(500)}}}`)],
    "a query 14 deep": ["GRAPHQL_VALIDATION_FAILED", () => service.ask(`{${read}{${nested(12)}}}`)],
    "a query 14 deep in fragments": [
      "GRAPHQL_VALIDATION_FAILED",
      () =>
        service.ask(
          `{${read}{...A}} fragment A on Cancellation{${nested(6).replace("status", "...B")}} fragment B on Cancellation{${nested(6)}}`,
        ),
    ],
    "a query 100,000 deep": [
      "GRAPHQL_PARSE_FAILED",
      () => service.ask(`${"{a".repeat(100_000)}${"}".repeat(100_000)}`),
    ],
    "introspection 500 deep": [
      "GRAPHQL_VALIDATION_FAILED",
      () => service.ask(`{__schema{types{${"fields{type{".repeat(250)}name${"}}".repeat(250)}}}}`),
    ],
    "fragments that double 90 times": [
      "GRAPHQL_VALIDATION_FAILED",
      () =>
        service.ask(
          `{...F0} ${times(90, (i) => `fragment F${i} on Query{...F${i + 1} ...F${i + 1}}`)} fragment F90 on Query{__typename}`,
        ),
    ],
    "60 directives": [
      "GRAPHQL_VALIDATION_FAILED",
      () => service.ask(`{${times(60, (i) => `a${i}:__typename @skip(if:false)`)}}`),
    ],
    "a batch of operations": [
      "BAD_REQUEST",
      () =>
        post(
          service.url,
          Array.from({ length: 100 }, () => ({ query: "{__typename}" })),
        ),
    ],
  };

  it.each(Object.entries(floods))("%s", async (name, [refusal, send]) => {
    const started = performance.now();
    const answer = await send();
    expect(performance.now() - started).toBeLessThan(quicklyMs);
    expect(new Set(answer.codes)).toEqual(new Set([refusal]));
    expect(answer.data ?? null).toEqual(name === "references of nothing but depth" ? { _entities: [null] } : null);
    // graphql-js quotes what it was sent.
    expect(Math.max(...answer.messages.map((message) => message.length))).toBeLessThan(600);
    expect((await service.ask("{ __typename }")).data).toEqual({ __typename: "Query" });
    expect(service.sent()).toBe(0);
  });

  it("400 MB in bodies without a length leave the memory flat", async () => {
    const before = process.memoryUsage().rss;
    const answers = new Set<number | undefined>();
    for (let round = 0; round < 20; round += 1) answers.add(await stream(service.url, 20_000_000));
    // The server does not wait for the rest of the body: the connection may be reset before its answer is read.
    expect([...answers].filter((status) => status !== undefined)).toEqual([413]);
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });
});

describe("what gateways and tools send passes", () => {
  it("introspection as Sandbox sends it", async () => {
    expect((await service.ask(introspection)).data.__schema.types.length).toBeGreaterThan(10);
  });

  it("100 aliases", async () => {
    const fields = Array.from({ length: 100 }, (_, i) => `a${i}:__typename`);
    expect((await service.ask(`{${fields.join(" ")}}`)).codes).toEqual([]);
  });

  it("a gateway's join of 1,000 orders passes", async () => {
    const representations = Array.from({ length: 1000 }, (_, i) => ({
      __typename: "Order",
      provider: "TRONSAVE",
      id: `${i}`,
    }));
    const { data, codes } = await service.ask(entities, { representations });
    expect([data._entities.length, codes]).toEqual([1000, []]);
  });

  it("orders that this graph knows nothing of are null, whatever their ids", async () => {
    const representations = [
      { __typename: "Order", provider: "ELSEWHERE", id: "1" },
      { __typename: "Order", provider: "TRONSAVE", id: 1443 },
      { __typename: "Order", provider: "TRONSAVE", id: "\u0000" },
      { __typename: "Order", provider: "__proto__", id: "x".repeat(1000) },
    ];
    const { data, codes } = await service.ask(entities, { representations });
    expect([data, codes]).toEqual([{ _entities: representations.map(() => ({ cancellation: null })) }, []]);
  });

  it("the ledger is not asked about what it cannot hold", async () => {
    const asked: unknown[] = [];
    const read = async (keys: readonly unknown[]) => {
      asked.push(...keys);
      return keys.map(() => undefined);
    };
    const { records } = createContext({ ledger: { read } } as never, {} as never, "1");
    const keys = [
      { provider: "ELSEWHERE", orderId: "1" },
      { provider: "toString", orderId: "1" },
      { provider: "TRONSAVE", orderId: "\u0000" },
      { provider: "TRONSAVE", orderId: "\ud800" },
      { provider: "TRONSAVE", orderId: "x".repeat(201) },
      { provider: "TRONSAVE", orderId: "1" },
    ];
    expect(await records.loadMany(keys)).toEqual(keys.map(() => null));
    expect(asked).toEqual([{ provider: "TRONSAVE", orderId: "1" }]);
  });

  it.each([
    { __typename: "Cancellation", status: "CANCELLED" },
    { __typename: "Order", id: "1" },
    { __typename: "Order", provider: "TRONSAVE", id: null },
    "Order",
    7,
  ])("a reference %j is the gateway's mistake, and takes nothing from the others", async (faulty) => {
    const good = { __typename: "Order", ...order };
    const { data, codes, messages, text } = await service.ask(entities, { representations: [good, faulty, good] });
    expect(data._entities).toEqual([{ cancellation: null }, null, { cancellation: null }]);
    expect([codes, messages[0]]).toEqual([["BAD_USER_INPUT"], expect.stringContaining("representations[1]")]);
    expect(JSON.parse(text).errors[0].path).toEqual(["_entities", 1]);
  });

  it("many operations joined into one, every field renamed", async () => {
    const fields = Array.from(
      { length: 50 },
      (_, i) => `_${i}_cancellation: cancellation(provider: TRONSAVE, orderId: $_${i}_id) { status }`,
    );
    const variables = Object.fromEntries(fields.map((_, i) => [`_${i}_id`, `${i}`]));
    const parameters = fields.map((_, i) => `$_${i}_id: ID!`).join(", ");
    expect((await service.ask(`query(${parameters}) { ${fields.join(" ")} }`, variables)).codes).toEqual([]);
  });
});

describe("answers tell nothing that is not meant for callers", () => {
  it.each([
    ["a field", "{ cancelation }"],
    ["a field of an entity", entities.replace("{status}", "{statuss}")],
    ["a type", 'query($p: OrderProvidr!) { cancellation(provider: $p, orderId: "1") { status } }'],
    ["an enum value", '{ cancellation(provider: TRONSAV, orderId: "1") { status } }'],
    ["an argument", '{ cancellation(provider: TRONSAVE, orderID: "1") { status } }'],
    ["a directive", "{ __typename @skipp(if: true) }"],
    ["an enum value in a variable", cancelOrders],
  ])("no guess at %s", async (_name, query) => {
    const answer = await service.ask(query, { provider: "TRONSAV", ids: [], representations: [] });
    expect(answer.status).toBe(422);
    expect(answer.text).not.toMatch(/did you mean|stack|node_modules/i);
  });

  it.each<[string, number, RequestInit, string?]>([
    ["no body", 400, posting("")],
    ["a poisoned prototype", 400, posting('{"__proto__":{"x":1},"query":"{__typename}"}')],
    [
      "a wrong hash",
      400,
      posting('{"query":"{__typename}","extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}'),
    ],
    ["another content-type", 415, posting("<a/>", "application/xml")],
    ["another path", 404, {}, "/graphiql"],
    ["another method", 405, { method: "DELETE" }],
    ["a path that is none", 400, {}, "/%zz"],
  ])("%s: a short answer", async (_name, status, init, path = "/graphql") => {
    const response = await fetch(new URL(path, service.url), init);
    const text = await response.text();
    expect([response.status, text.length < 300]).toEqual([status, true]);
    expect(JSON.parse(text)).toEqual(expect.any(Object));
    expect(text).not.toMatch(/ at |node_modules|\.ts/);
  });

  it.each<[string, RequestInit, string]>([
    ["no JSON", posting("{"), "The request cannot be read. Its body needs to be JSON."],
    ["no JSON after a fraction", posting('{"a":1.5'), "The request cannot be read. Its body needs to be JSON."],
    ["another content-type", posting("<a/>", "application/xml"), "The content-type needs to be application/json."],
    ["too much", posting(`"${"x".repeat(1_100_000)}"`), "The request is too large."],
  ])("%s: a sentence that says what is wrong", async (_name, init, message) => {
    const { messages, codes } = await readAnswer(await fetch(service.url, init));
    expect([messages, codes]).toEqual([[message], ["BAD_REQUEST"]]);
  });

  it("a path that is none: the answer has GraphQL's form, and does not repeat the path", async () => {
    const answer = await readAnswer(await fetch(new URL("/%zz", service.url)));
    expect(answer).toMatchObject({ status: 400, codes: ["BAD_REQUEST"], messages: ["The path cannot be read."] });
  });

  it("faulty ids are named by position, the first ten of them", async () => {
    const ids = ["", "\u0007", "\ud800", "1443", "x".repeat(201), ...Array(10).fill(" ")];
    const { messages, codes } = await service.ask(cancelOrders, { provider: "ONRAMP", ids });
    const named = [...(messages[0]?.matchAll(/ids\[(\d+)\]/g) ?? [])].map(([, position]) => Number(position));
    expect([codes, named]).toEqual([["BAD_USER_INPUT"], [0, 1, 2, 4, 5, 6, 7, 8, 9, 10]]);
    expect(messages[0]).toMatch(/; and 4 more\. Nothing was sent\.$/);
  });

  it("faults of callers are not logged as errors of ours", () => {
    expect(service.lines.filter((line) => line.includes('"level":50'))).toEqual([]);
  });
});

describe("production", () => {
  it("production has no introspection, but tells gateways its schema", async () => {
    for (const query of [introspection, '{ __type(name: "Order") { name } }']) {
      expect(await production.ask(query)).toMatchObject({ status: 422, codes: ["GRAPHQL_VALIDATION_FAILED"] });
    }
    expect((await production.ask("{ _service { sdl } }")).data._service.sdl).toContain("cancelOrders");
    expect((await production.ask(cancellation, { provider: "TRONSAVE", orderId: "1" })).data).toEqual({
      cancellation: null,
    });
  });

  it("production has no landing page and allows no origin", async () => {
    const page = await fetch(production.url, { headers: { accept: "text/html" } });
    expect([page.status, await page.text()]).toEqual([400, expect.not.stringContaining("<html")]);
    const preflight = await fetch(production.url, preflightFrom(sandbox));
    expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([405, null]);
  });
});

describe("answers are not kept", () => {
  it.each<[string, string, RequestInit]>([
    ["a query", "", posting('{"query":"{__typename}"}')],
    ["a query that is refused", "", posting('{"query":"{nothing}"}')],
    ["a GET", "?query={__typename}", { headers: { "apollo-require-preflight": "1" } }],
    ["nothing", "/there", {}],
  ])("%s: cache-control says so", async (_name, rest, init) => {
    const { headers } = await fetch(`${service.url}${rest}`, init);
    expect(headers.get("cache-control")).toBe("no-store");
  });
});

describe("browsers", () => {
  it("may call from the hosted Sandbox, outside production", async () => {
    const preflight = await fetch(service.url, preflightFrom(sandbox));
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      "access-control-allow-origin": sandbox,
      "access-control-allow-headers": "content-type,authorization",
    });
    const answer = await service.ask(introspection, {}, { origin: sandbox });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([200, sandbox]);
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
  });

  it.each([
    "https://evil.example",
    "null",
    `${sandbox}.evil.example`,
    "http://studio.apollographql.com",
    "http://127.0.0.1:4001",
  ])("may not call from %s", async (origin) => {
    for (const init of [
      preflightFrom(origin),
      { ...posting('{"query":"{__typename}"}'), headers: { origin, "content-type": "application/json" } },
    ]) {
      expect((await fetch(service.url, init)).headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  it.each<[string, string, RequestInit]>([
    ["a GET", "?query={__typename}", {}],
    ["a form", "", posting("query={__typename}", "application/x-www-form-urlencoded")],
    ["a text that is JSON", "", posting('{"query":"{__typename}"}', "text/plain")],
    [
      "a GET that changes something",
      `?query=${encodeURIComponent("mutation{cancelOrders(provider:TRONSAVE,ids:[]){__typename}}")}`,
      { headers: { "apollo-require-preflight": "1" } },
    ],
  ])("the landing page cannot be made to send %s", async (_name, search, init) => {
    const answer = await readAnswer(await fetch(`${service.url}${search}`, init));
    expect(answer).toMatchObject({ codes: ["BAD_REQUEST"], data: undefined });
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });
});

function depths(levels: number): string {
  return "[".repeat(levels) + "]".repeat(levels);
}

function posting(body: string, type = "application/json"): RequestInit {
  return { method: "POST", headers: { "content-type": type }, body };
}

function preflightFrom(origin: string): RequestInit {
  const headers = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,authorization",
  };
  return { method: "OPTIONS", headers: { origin, ...headers } };
}

/** Sends until it is answered, as somebody who ignores what they are told would; resolves with the status. */
function stream(url: string, bytes: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const chunk = Buffer.alloc(64 * 1024, "x");
    const outgoing = request(url, { method: "POST", headers: { "content-type": "application/json" }, agent: false });
    let left = bytes;
    const write = () => {
      while (left > 0 && !outgoing.destroyed) {
        left -= chunk.length;
        if (!outgoing.write(chunk)) return void outgoing.once("drain", write);
      }
      outgoing.end();
    };
    outgoing.on("response", (response) => {
      resolve(response.statusCode);
      response.resume();
    });
    outgoing.on("error", () => resolve(undefined));
    write();
  });
}
