import { gzipSync } from "node:zlib";
import { serverAudits } from "graphql-http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { post } from "../support/post.ts";
import { cancelOrders, type Service, startService } from "../support/service.ts";

/** What the audits of the GraphQL over HTTP specification may find, and why it stays. */
const known = {
  warn: {
    "572B": "Apollo Server answers 400, not 200, to a document that cannot be parsed, whatever the client accepts",
    FDE2: "the same for one that is not valid",
    "7B9B": "variables of the wrong type are answered by 422, not 200, whatever the client accepts",
    "86EE": "the same: these audits are older than the specification of September 2026, which says 422",
  },
  notice: {
    "5A70": "a GET needs a header that a foreign page cannot send (CSRF prevention)",
    D6D5: "the same with variables",
    "6A70": "the same with variables, accepting application/json",
  },
};

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

it("the running server passes graphql-http's audits: no errors, and no warnings but the known ones", async () => {
  const audits = serverAudits({ url: service.url, fetchFn: fetch });
  const results = await Promise.all(audits.map((audit) => audit.fn()));
  const found = (status: string) => results.filter((result) => result.status === status).map(({ id }) => id);
  expect(results.length).toBeGreaterThan(55);
  expect(results.filter(({ status }) => status === "error")).toEqual([]);
  expect(found("warn").toSorted()).toEqual(Object.keys(known.warn).toSorted());
  expect(found("notice").toSorted()).toEqual(Object.keys(known.notice).toSorted());
});

/** GraphQL over HTTP of September 2026, released on 13 November 2026, and RFC 9110. Its words about JSON responses allow 4xx, too. */
const accept = "application/graphql-response+json";

it.each<[string, number, unknown]>([
  ["the body is no JSON", 400, "NONSENSE"],
  ["variables are no object", 400, { query: "{__typename}", variables: [7] }],
  ["the document cannot be parsed", 400, { query: "{" }],
  ["the document is not valid", 422, { query: "{nothing}" }],
  ["no operation has the name", 422, { query: "query A{__typename}", operationName: "B" }],
  ["two operations have no name to choose", 422, { query: "query A{__typename} query B{__typename}" }],
  ["a variable is missing", 422, { query: "query($id:ID!){cancellation(provider:ONRAMP,orderId:$id){status}}" }],
  ["a field has an error", 200, { query: cancelOrders, variables: { provider: "ONRAMP", ids: [""] } }],
  // Deviations. Apollo Server throws where no plugin can see it. 294, which tells partial answers to observers, is unknown to it.
  ["there is no query", 400, {}],
  ["some fields have an error", 200, { query: '{__typename cancellation(provider:ONRAMP,orderId:""){status}}' }],
])("if %s, the status is %d", async (_name, status, body) => {
  expect((await post(service.url, body, { headers: { accept } })).status).toBe(status);
});

it.each(["PUT", "PATCH", "DELETE", "QUERY"])(
  "the method %s is answered by 405, with those that are allowed",
  async (method) => {
    const headers = { "content-type": "text/plain" };
    const response = await fetch(service.url, { method, headers, body: "{__typename}" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, POST"]);
  },
);

it("a mutation by GET is answered by 405, with what is allowed", async () => {
  const query = new URLSearchParams({ query: 'mutation{cancelOrders(provider:ONRAMP,ids:["1"]){orders{id}}}' });
  const response = await fetch(`${service.url}?${query}`, { headers: { accept, "apollo-require-preflight": "1" } });
  expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
});

it.each(["text/plain", "application/x-www-form-urlencoded", "application/graphql"])(
  "a body of the type %s is answered by 415, with the one that is needed",
  async (type) => {
    const answer = await post(service.url, '{"query":"{__typename}"}', { headers: { "content-type": type } });
    expect([answer.status, answer.messages]).toEqual([415, ["The content-type needs to be application/json."]]);
  },
);

it("a compressed body is answered by 415, and Accept-Encoding says that none is taken", async () => {
  const headers = { "content-type": "application/json", "content-encoding": "gzip" };
  const response = await fetch(service.url, { method: "POST", headers, body: gzipSync('{"query":"{__typename}"}') });
  expect([response.status, response.headers.get("accept-encoding")]).toEqual([415, "identity"]);
  expect(await response.text()).toContain("switch compression towards this service off");
});

it("a body whose coding is named identity is read", async () => {
  const headers = { "content-encoding": "identity" };
  expect((await post(service.url, { query: "{__typename}" }, { headers })).data).toEqual({ __typename: "Query" });
});

it("a client that takes no JSON gets 406", async () => {
  expect((await post(service.url, { query: "{__typename}" }, { headers: { accept: "text/plain" } })).status).toBe(406);
});
