import { randomUUID } from "node:crypto";
import { GraphQLError } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CancellationHistoryDocument } from "../../schema/generated/graphql.ts";
import { maskError } from "../../src/http/mask-error.ts";
import { firstLook } from "../../src/simulators/simulators.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { type Issuer, startIssuer } from "../support/issuer.ts";
import { post } from "../support/post.ts";
import { cancelOrders, type Service, startService } from "../support/service.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const order = { provider: "TRONSAVE", ids: ["5a4db0c50000000000000001"] };

describe("one line per request", () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());

  /** Written once the socket is done with the answer, which may be after the client is. */
  async function lineOf(requestId: string): Promise<Record<string, unknown> | undefined> {
    const find = () => service.lines.map((line) => JSON.parse(line)).filter((line) => line.requestId === requestId);
    await expect.poll(find).toHaveLength(1);
    return find()[0];
  }

  it("a request's line says who, what, how long and how it ended, and no more", async () => {
    const requestId = randomUUID();
    const headers = {
      "x-request-id": requestId,
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
      "apollographql-client-name": "customer app",
    };
    const startedAt = performance.now();
    const answer = await service.ask(cancelOrders, order, headers);
    expect(answer.headers.get("x-request-id")).toBe(requestId);
    const line = await lineOf(requestId);
    expect(line).toEqual({
      ...{ level: 30, time: expect.any(Number), service: "order-cancellation", event: "graphql-request" },
      ...{ requestId, traceId, client: "customer app", operation: "mutation CancelOrders", status: 200, codes: [] },
      durationMs: expect.any(Number),
    });
    // It lies within the time from before the question to after the line, rounded.
    expect(line?.durationMs).toBeLessThanOrEqual(Math.ceil(performance.now() - startedAt));
  });

  it.each<[string, unknown, Record<string, unknown>]>([
    [
      "a refused mutation",
      { query: cancelOrders, variables: { ...order, ids: [""] } },
      { status: 200, codes: ["BAD_USER_INPUT"], operation: "mutation CancelOrders" },
    ],
    ["an anonymous query", { query: "query { __typename }" }, { status: 200, codes: [], operation: "query" }],
    ["an invalid query", { query: "query Nice { nope }" }, { status: 422, codes: ["GRAPHQL_VALIDATION_FAILED"] }],
    ["a body that is no JSON", "{", { status: 400, codes: [] }],
    ["a body that is too large", `"${"x".repeat(1_100_000)}"`, { status: 413, codes: [] }],
    [
      "a name of any length",
      { query: `query ${"N".repeat(5000)} { __typename }` },
      { operation: `query ${"N".repeat(100)}` },
    ],
  ])("%s has its line too", async (_name, body, expected) => {
    const requestId = randomUUID();
    await post(service.url, body, { headers: { "x-request-id": requestId } });
    expect(await lineOf(requestId)).toMatchObject(expected);
  });

  it("a caller that did not wait has a line without a status", async () => {
    const requestId = randomUUID();
    const sentBefore = service.sent();
    service.simulator("TRONSAVE").faults(() => ({ kind: "delay", ms: 300 }));
    const leaving = new AbortController();
    const body = { query: cancelOrders, variables: { ...order, ids: ["5a4db0c50000000000000002"] } };
    const options = { headers: { "x-request-id": requestId }, signal: leaving.signal };
    const gone = post(service.url, body, options).catch(() => "gone");
    await expect.poll(service.sent).toBe(sentBefore + 1);
    leaving.abort();
    expect(await gone).toBe("gone");
    const line = await lineOf(requestId);
    expect(line).toMatchObject({ operation: "mutation CancelOrders", codes: [] });
    expect(line).not.toHaveProperty("status");
  });

  it.each(["", "a b", "x".repeat(129), "caf\u00e9", "<script>", '","level":60'])(
    "%j is no request id: a new one is made",
    async (given) => {
      const { headers } = await service.ask("{ __typename }", {}, { "x-request-id": given });
      expect(headers.get("x-request-id")).toMatch(/^[\da-f]{8}-[\da-f-]{27}$/);
    },
  );

  it.each([
    ["n".repeat(5000), "n".repeat(100)],
    ["  a\t\u0085 b ", "a b"],
  ])("a client may name itself %j, and is logged as one bounded line", async (name, client) => {
    const requestId = randomUUID();
    await service.ask("{ __typename }", {}, { "x-request-id": requestId, "apollographql-client-name": name });
    expect(await lineOf(requestId)).toMatchObject({ client });
  });

  it("a client without a name is logged without one", async () => {
    const requestId = randomUUID();
    await service.ask("{ __typename }", {}, { "x-request-id": requestId, "apollographql-client-name": " " });
    expect(await lineOf(requestId)).not.toHaveProperty("client");
  });

  it("the history names the request that asked, as its log line does", async () => {
    const requestId = randomUUID();
    const orderId = firstLook.ONRAMP.cancellable;
    await service.ask(cancelOrders, { provider: "ONRAMP", ids: [orderId] }, { "x-request-id": requestId });
    const { data } = await service.ask(CancellationHistoryDocument, { provider: "ONRAMP", orderId });
    expect(data?.cancellation?.history.map((event) => [event.kind, event.requestId])).toEqual([
      ["REQUESTED", requestId],
      ["SENT", null],
      ["ATTEMPT_ENDED", null],
      ["SETTLED", null],
    ]);
    expect(await lineOf(requestId)).toMatchObject({ operation: "mutation CancelOrders" });
  });

  it.each([
    `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
    `00-${traceId}-${"0".repeat(16)}-01`,
    `ff-${traceId}-00f067aa0ba902b7-01`,
    `00-${traceId.toUpperCase()}-00f067aa0ba902b7-01`,
    traceId,
    `junk00-${traceId}-00f067aa0ba902b7-01`,
    `00-${traceId}-00f067aa0ba902b7-01junk`,
    "x",
  ])("%s is no traceparent", async (traceparent) => {
    const requestId = randomUUID();
    await service.ask("{ __typename }", {}, { "x-request-id": requestId, traceparent });
    expect(await lineOf(requestId)).not.toHaveProperty("traceId");
  });
});

describe("secrets", () => {
  const gatewaySecret = "secret-between-gateway-and-us";
  let issuer: Issuer;
  let service: Service;

  beforeAll(async () => {
    issuer = await startIssuer();
    service = await startService({
      ...{ ...issuer.settings, GATEWAY_SECRET: gatewaySecret, LOG_LEVEL: "trace" },
      ...{
        SMS4SATS_API_KEY: "sms4sats-prepaid-key",
        LOOKUP_DELAYS_MS: "10",
        RETRY_DELAYS_MS: "10",
        GIVE_UP_AFTER_MS: "200",
      },
    });
  });
  afterAll(async () => {
    await service.stop();
    await issuer.close();
  });

  it("no key, signature, token or way to cancel is in a log line or an answer; nothing of the caller's goes upstream", async () => {
    const token = await issuer.token({ sub: "alice@example.com" });
    const headers = {
      ...{ authorization: `Bearer ${token}`, "x-gateway-secret": gatewaySecret },
      ...{ "x-request-id": "req-of-alice", traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    };
    const query = `mutation($provider: OrderProvider!, $ids: [ID!]!) {
      cancelOrders(provider: $provider, ids: $ids) { orders { cancellation { status problem { message providerCode providerMessage } } } }
    }`;
    const answers: string[] = [];
    for (const { provider, faults } of service.simulators.simulators) {
      const { cancellable, tooLate, unknown } = service.simulators.firstLook[provider];
      for (const [ids, status] of [
        [[cancellable], 0],
        [[tooLate], 400],
        [[unknown], 500],
      ] as const) {
        // A provider that tells everything it was sent.
        faults((request) => {
          const body = JSON.stringify({
            message: JSON.stringify(request.headers),
            reason: JSON.stringify(request.headers),
            status: "error",
          });
          return status === 0 ? undefined : { kind: "status", status, body, effect: false };
        });
        answers.push((await service.ask(query, { provider, ids }, headers)).text);
      }
    }
    for (const wrong of [{}, { authorization: `Bearer ${token.slice(0, -9)}`, "x-gateway-secret": gatewaySecret }]) {
      answers.push((await service.ask(query, { provider: "TRONSAVE", ids: ["1"] }, wrong)).text);
    }

    const received = service.simulators.simulators.flatMap((simulator) => simulator.received);
    const sent = received.flatMap((request) =>
      Object.entries(request.headers).filter(([name]) => /authorization|key|signature|payload/.test(name)),
    );
    expect(received.length).toBeGreaterThan(15);
    expect(new Set(sent.map(([name]) => name)).size).toBe(7);
    const credentials = service.simulators.simulators.flatMap(({ settings }) =>
      Object.entries(settings).filter(([name]) => /KEY|SECRET/.test(name)),
    );
    expect(credentials).toHaveLength(6);
    const secrets = [...sent, ...credentials]
      .map(([, value]) => String(value))
      .concat(token, gatewaySecret, "sms4sats-prepaid-key");
    const log = service.lines.join("");
    expect(log).toContain('"event":"settled"');
    expect(answers.filter((text) => text.includes("[removed]")).length).toBeGreaterThanOrEqual(5);
    for (const text of [log, ...answers]) expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    // Whoever knows the id of an sms4sats order can cancel it.
    const ids = Object.values(service.simulators.firstLook).flatMap((each) => Object.values(each));
    expect([...ids, "alice@example.com"].filter((text) => log.includes(text))).toEqual([]);
    const upstream = JSON.stringify(received);
    expect([token, gatewaySecret, "req-of-alice", traceId, "alice"].filter((text) => upstream.includes(text))).toEqual(
      [],
    );
  });
});

describe("errors", () => {
  const secret = "s3cret";

  function logged(write: (log: ReturnType<typeof createLog>) => void): string {
    const lines: string[] = [];
    write(createLog("trace", { write: (line) => void lines.push(line) }));
    return lines.join("");
  }

  it("errors are logged by class, code and place only", () => {
    const cause = new Error(`connect with ${secret}`);
    const error = Object.assign(new TypeError(`${secret}\n    at ${secret}\n    at ${secret}`, { cause }), {
      ...{ code: "ECONNRESET", request: { headers: { authorization: secret } }, [secret]: secret },
    });
    const line = logged((log) => {
      log({ event: "claim-failed", error, ...{ body: secret, headers: { authorization: secret } } });
      for (const other of [secret, { secret }, [secret], null]) log({ event: "renew-failed", error: other });
    });
    expect(line).not.toContain(secret);
    expect(line).toContain('"type":"TypeError","code":"ECONNRESET","stack":["at ');
    expect(line).toContain('"cause":{"type":"Error"}');
  });

  it("errors of databases are logged with the database's own code", () => {
    const full = Object.assign(new Error(secret), {
      ...{ code: "ERR_SQLITE_ERROR", errcode: 13, errstr: "database or disk is full" },
    });
    const readOnly = Object.assign(new Error(secret), { code: "25006" });
    const line = logged((log) => {
      log({ event: "claim-failed", error: full });
      log({ event: "claim-failed", error: new Error(secret, { cause: readOnly }) });
    });
    expect(line).toContain('"code":"ERR_SQLITE_ERROR","errcode":13,"errstr":"database or disk is full"');
    expect(line).toContain('"cause":{"type":"Error","code":"25006"}');
    expect(line).not.toContain(secret);
  });

  it.each<[string, unknown]>([
    ["of another kind", new Error(secret)],
    ["that look like ours", Object.assign(new Error(secret), { extensions: { code: "FORBIDDEN" } })],
    ["of GraphQL's without a code", new GraphQLError(secret)],
    ["of GraphQL's with a code of others", new GraphQLError(secret, { extensions: { code: "SOMETHING" } })],
  ])("%s are masked for callers", (_name, thrown) => {
    const error = new GraphQLError(secret, { path: ["cancelOrders"], originalError: thrown as Error });
    const formatted = {
      ...error.toJSON(),
      extensions: { code: "INTERNAL_SERVER_ERROR", ...error.extensions, stack: secret },
    };
    let shown: unknown;
    const line = logged((log) => {
      shown = maskError(log)(formatted, error);
    });
    expect(shown).toEqual({
      message: "Something went wrong on our side. Asking again is safe.",
      ...{ path: ["cancelOrders"], extensions: { code: "INTERNAL_SERVER_ERROR" } },
    });
    expect(line).not.toContain(secret);
  });
});
