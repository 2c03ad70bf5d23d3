import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { post } from "../../support/post.ts";
import { type Service, startService } from "../../support/service.ts";
import { orderCancellations, subscribe, transports } from "../../support/subscribe.ts";

let service: Service;
let full: Service;
beforeAll(async () => {
  service = await startService();
  full = await startService({ MAX_SUBSCRIPTIONS: "0" });
});
afterAll(async () => {
  await service?.stop();
  await full?.stop();
});

describe.each(transports)("%s", (transport) => {
  it.each([0, 201])("history(last: %i) inside the answer: the stream is refused", async (last) => {
    const errors = await refusal(`subscription { orderCancellations(provider: ONRAMP, ids: ["1"]) {
      cancellation { history(last: ${last}) { kind } }
    } }`);
    expect(errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT" }, message: expect.stringMatching(/^last: /) },
    ]);
  });

  it.each([
    ["field", `orderCancellations(provider: ONRAMP, ids: ["1"]) @skip(if: $yes) { id }`],
    ["field that is there", `orderCancellations(provider: ONRAMP, ids: ["1"]) @include(if: $yes) { id }`],
    ["fragment", `... @skip(if: $yes) { orderCancellations(provider: ONRAMP, ids: ["1"]) { id } }`],
    ["field in a fragment", "...A @include(if: true)"],
  ])("a condition at the root, on a %s: the document is not valid", async (_, root) => {
    const fragment = root.includes("...A")
      ? `fragment A on Subscription { orderCancellations(provider: ONRAMP, ids: ["1"]) @skip(if: $yes) { id } }`
      : "";
    const query = `subscription ($yes: Boolean! = true) { ${root} } ${fragment}`;
    const errors = await refusal(query);
    expect(errors?.[0]).toMatchObject({
      extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
      message: expect.stringMatching(/^The directive "@(skip|include)" may not be used at the root/),
    });
    expect(await post(service.url, { query })).toMatchObject({
      status: 422,
      codes: errors?.map(() => "GRAPHQL_VALIDATION_FAILED"),
    });
  });

  /** The errors that end a stream without an event. */
  async function refusal(query: string): Promise<{ message: string }[] | undefined> {
    const stream = subscribe(transport, service.url, {}, { query });
    const error = await stream.ended;
    expect(stream.events.filter(({ data }) => data)).toEqual([]);
    return transport === "SSE" ? stream.events[0]?.errors : (error as { message: string }[]);
  }
});

/** urql sends this with every operation. */
const accept =
  "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed";

describe("a client that accepts events and JSON, at an instance that serves no subscriptions", () => {
  it("a query and a mutation that have the word in their names are run", async () => {
    const query = await ask({ query: "query subscription { cancellationProviders { provider } }" });
    expect([query.status, query.data?.cancellationProviders.length]).toEqual([200, 5]);
    const mutation = await ask({
      query: `mutation CancelFrom_subscription_page { cancelOrders(provider: ONRAMP, ids: ["1"]) { orders { id } } }`,
    });
    expect(mutation.data).toEqual({ cancelOrders: { orders: [{ id: "1" }] } });
  });

  it("a query by its hash alone is run, and an unknown hash is told as JSON", async () => {
    const query = "{ __typename }";
    const extensions = hashOf(query);
    expect(await ask({ extensions })).toMatchObject({ codes: ["PERSISTED_QUERY_NOT_FOUND"] });
    await ask({ query, extensions });
    expect(await ask({ extensions })).toMatchObject({ status: 200, data: { __typename: "Query" } });
  });

  it("an error is told as JSON, whatever the operation was meant to be", async () => {
    for (const query of ["subscription {", "subscription { nothing }", "mutation subscription { nothing }"]) {
      const { headers, codes } = await ask({ query });
      expect(headers.get("content-type")).toMatch(/^application\/(graphql-response\+)?json/);
      expect(codes).toMatchObject([/GRAPHQL_(PARSE|VALIDATION)_FAILED/]);
    }
  });

  it("a subscription is refused as a subscription", async () => {
    const response = await fetch(full.url, {
      method: "POST",
      headers: { accept, "content-type": "application/json" },
      body: JSON.stringify({ query: orderCancellations, variables: { provider: "ONRAMP", ids: ["1"] } }),
    });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(await response.text()).toContain("TOO_MANY_SUBSCRIPTIONS");
  });

  function ask(body: unknown) {
    return post(full.url, body, { headers: { accept } });
  }
});

function hashOf(query: string) {
  return { persistedQuery: { version: 1, sha256Hash: createHash("sha256").update(query).digest("hex") } };
}
