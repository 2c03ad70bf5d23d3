import { createHmac } from "node:crypto";
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { goodClaims, type Issuer, startIssuer } from "../support/issuer.ts";
import { cancellation, cancelOrders, type Service, startService } from "../support/service.ts";

const [id, otherId] = ["5a4db0c50000000000000001", "5a4db0c50000000000000002"];
const order = { provider: "TRONSAVE", ids: [id] };
const sdl = "{ _service { sdl } }";
const seconds = () => Math.floor(Date.now() / 1000);
const past = () => seconds() - 60;

describe("tokens", () => {
  let issuer: Issuer;
  let service: Service;

  beforeAll(async () => {
    issuer = await startIssuer();
    service = await startService(issuer.settings);
  });
  afterAll(async () => {
    await service.stop();
    await issuer.close();
  });
  afterEach(() => void vi.useRealTimers());

  /** With a token of nobody else's, as an operator would look. */
  async function nothingHappened(): Promise<void> {
    expect(service.sent()).toBe(0);
    const { data } = await service.ask(
      cancellation,
      { provider: "TRONSAVE", orderId: otherId },
      await issuer.bearer({ scope: undefined }),
    );
    expect(data).toEqual({ cancellation: null });
  }

  const forged: Record<string, () => Promise<string> | string> = {
    "signed by another key of the same id": async () => {
      const { privateKey } = await generateKeyPair("RS256");
      return new SignJWT(goodClaims()).setProtectedHeader({ alg: "RS256", kid: "key-0" }).sign(privateKey);
    },
    "signed by a key that nobody knows": async () => {
      const { privateKey } = await generateKeyPair("ES256");
      return new SignJWT(goodClaims()).setProtectedHeader({ alg: "ES256", kid: "mine" }).sign(privateKey);
    },
    "with claims changed after signing": async () => {
      const [header, , signature] = (await issuer.token()).split(".");
      return [header, encode(goodClaims({ sub: "admin" })), signature].join(".");
    },
    "of alg none": () => new UnsecuredJWT(goodClaims()).encode(),
    "of alg none with a signature": async () => `${new UnsecuredJWT(goodClaims()).encode()}AAAA`,
    "of HS256 with the public key as PEM for secret": async () => {
      const key = (await importJWK(await issuer.publicJwk(), "RS256", { extractable: true })) as CryptoKey;
      return hs256(await exportSPKI(key));
    },
    "of HS256 with the public key as JWK for secret": async () => hs256(JSON.stringify(await issuer.publicJwk())),
    "with its own key in the header": async () => {
      const { privateKey, publicKey } = await generateKeyPair("RS256");
      const jwk = await exportJWK(publicKey);
      return new SignJWT(goodClaims()).setProtectedHeader({ alg: "RS256", jwk }).sign(privateKey);
    },
    expired: () => issuer.token({ exp: past() }),
    "without expiry": () => issuer.token({ exp: undefined }),
    "not valid yet": () => issuer.token({ nbf: past() + 600 }),
    "of another issuer": () => issuer.token({ iss: "https://issuer.example" }),
    "of no issuer": () => issuer.token({ iss: undefined }),
    "for another audience": () => issuer.token({ aud: ["billing", "shipping"] }),
    "for no audience": () => issuer.token({ aud: undefined }),
    "whose subject is no text": () => issuer.token({ sub: { name: "alice" } }),
    "whose subject holds control characters": () => issuer.token({ sub: "alice\u0000" }),
    "that is none": () => "not.a.token",
  };

  it.each(Object.entries(forged))("a token %s is refused and nothing is sent", async (_name, make) => {
    const authorization = `Bearer ${await make()}`;
    for (const query of [cancelOrders, cancellation, sdl]) {
      const answer = await service.ask(
        query,
        { provider: "TRONSAVE", ids: [otherId], orderId: otherId },
        { authorization },
      );
      expect(answer).toMatchObject({ status: 401, codes: ["UNAUTHENTICATED"], data: undefined });
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    }
    await nothingHappened();
  });

  it.each(["Basic YWxpY2U6c2VjcmV0", "Bearer", "Bearer a b", "eyJhbGciOiJub25lIn0"])(
    "the header %j is no bearer token",
    async (authorization) => {
      expect(await service.ask(sdl, {}, { authorization })).toMatchObject({ status: 401, codes: ["UNAUTHENTICATED"] });
    },
  );

  it("without a token, the schema is told and nothing else", async () => {
    expect((await service.ask(sdl)).data._service.sdl).toContain("cancelOrders");
    expect((await service.ask("query __ApolloServiceHealthCheck__ { __typename }")).data).toEqual({
      __typename: "Query",
    });
    const representations = Array.from({ length: 100 }, () => ({ __typename: "Order", provider: "TRONSAVE", id }));
    for (const [query, variables] of [
      [cancelOrders, { ...order, ids: [otherId] }],
      [cancellation, { provider: "TRONSAVE", orderId: id }],
      ["{ cancellationProviders { provider } }", {}],
      [entities, { representations }],
    ] as const) {
      const answer = await service.ask(query, variables);
      expect(answer.codes).toEqual(["UNAUTHENTICATED"]);
      expect(answer.data?.cancelOrders ?? answer.data?._entities ?? null).toBeNull();
    }
    await nothingHappened();
  });

  it.each([
    ["no scope", { scope: undefined }],
    ["other scopes", { scope: "openid orders:read cancellations:read" }],
    ["a scope that only begins alike", { scope: "orders:cancel:none orders:cancelled" }],
    ["scopes of other shapes", { scope: { "orders:cancel": true }, scp: 7 }],
  ])("%s: FORBIDDEN, and reading goes", async (_name, claims) => {
    const headers = await issuer.bearer(claims);
    const refused = await service.ask(cancelOrders, { ...order, ids: [otherId] }, headers);
    expect(refused).toMatchObject({ data: null, codes: ["FORBIDDEN"] });
    expect(refused.messages[0]).toContain("orders:cancel");
    expect(
      (await service.ask("{ cancellationProviders { provider } }", {}, headers)).data.cancellationProviders,
    ).toHaveLength(5);
    const representations = [{ __typename: "Order", provider: "TRONSAVE", id: otherId }];
    expect((await service.ask(entities, { representations }, headers)).data).toEqual({
      _entities: [{ cancellation: null }],
    });
    await nothingHappened();
  });

  it.each<[string, () => Record<string, unknown>]>([
    ["scope with blanks", () => ({ scope: "a orders:cancel b" })],
    ["scp as a list", () => ({ scope: undefined, scp: ["orders:cancel"] })],
    ["scp with blanks", () => ({ scope: "openid", scp: "orders:read orders:cancel" })],
    ["audiences as a list", () => ({ aud: ["billing", "cancellations"] })],
    ["no subject", () => ({ sub: undefined })],
    ["an expiry a clock's width ago", () => ({ exp: seconds() - 3 })],
  ])("%s: cancels", async (_name, claims) => {
    // The clock stands still: an expiry stays as far away as it is.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const answer = await service.ask(cancelOrders, { ...order, ids: [] }, await issuer.bearer(claims()));
    expect(answer).toMatchObject({ status: 200, data: { cancelOrders: { orders: [] } } });
  });

  it("the list of all cancellations needs its own scope", async () => {
    const list = "{ cancellations { edges { cursor } } }";
    expect((await service.ask(list, {}, await issuer.bearer())).codes).toEqual(["FORBIDDEN"]);
    const scope = "orders:cancel cancellations:read";
    expect((await service.ask(list, {}, await issuer.bearer({ scope }))).codes).toEqual([]);
  });

  it("the token's subject is recorded as who asked", async () => {
    const headers = await issuer.bearer({ sub: "auth0|alice" });
    const { data } = await service.ask(cancelOrders, order, headers);
    expect(data.cancelOrders.orders[0].cancellation.status).toBe("CANCELLED");
    const { data: read } = await service.ask(cancellation, { provider: "TRONSAVE", orderId: id }, headers);
    expect(read.cancellation.history[0]).toEqual({ kind: "REQUESTED", requestedBy: "auth0|alice" });
    const colleague = await issuer.bearer({ sub: "auth0|bob" });
    const { data: others } = await service.ask(cancellation, { provider: "TRONSAVE", orderId: id }, colleague);
    expect(others.cancellation.history[0]).toEqual({ kind: "REQUESTED", requestedBy: null });
    expect(service.lines.join("")).not.toContain("alice");
  });
});

describe("the key set", () => {
  let issuer: Issuer;
  let service: Service;

  beforeEach(async () => {
    // Both clocks stand still unless they are advanced: nothing here depends on how long it takes. Timers go on.
    vi.useFakeTimers({ toFake: ["Date", "performance"], now: Date.now() });
    issuer = await startIssuer();
    service = await startService(issuer.settings);
  });
  const stopping: Promise<void>[] = [];
  afterEach(() => {
    vi.useRealTimers();
    stopping.push(service.stop(), issuer.close());
  });
  afterAll(() => Promise.all(stopping));

  it("the key set is fetched once for many tokens, and again for a new key, also after the clock was set back by an hour", async () => {
    const read = async () =>
      (await service.ask("{ cancellationProviders { provider } }", {}, await issuer.bearer())).status;
    expect(new Set(await Promise.all(Array.from({ length: 20 }, read)))).toEqual(new Set([200]));
    expect(issuer.fetches).toBe(1);

    const old = await issuer.bearer();
    await issuer.rotate();
    // Only Date: timers go on.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 3_600_000 });
    await expect.poll(read).toBe(200);
    expect(issuer.fetches).toBe(2);
    expect((await service.ask(sdl, {}, old)).codes).toEqual(["UNAUTHENTICATED"]);
  });

  it("made-up key ids do not make the service fetch the key set each time", async () => {
    const { privateKey } = await generateKeyPair("RS256");
    for (let kid = 0; kid < 10; kid += 1) {
      const token = await new SignJWT(goodClaims())
        .setProtectedHeader({ alg: "RS256", kid: `${kid}` })
        .sign(privateKey);
      expect((await service.ask(sdl, {}, { authorization: `Bearer ${token}` })).status).toBe(401);
    }
    expect(issuer.fetches).toBeLessThanOrEqual(2);
  });

  it.each<[string, Parameters<Issuer["answerWith"]>[0]]>([
    ["is gone", (response) => response.destroy()],
    ["answers 500", (response) => response.writeHead(500).end("{}")],
    ["redirects", (response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end()],
    ["is no JSON", (response) => response.writeHead(200).end("<html>")],
    ["is no key set", (response) => response.writeHead(200).end('{"keys":{}}')],
    ["is endless", (response) => response.writeHead(200).end(`{"keys":[],"padding":"${"x".repeat(1_100_000)}"}`)],
  ])("a key set that %s: no caller gets in, and the answer says why", async (_name, answer) => {
    issuer.answerWith(answer);
    const refused = await service.ask(cancelOrders, order, await issuer.bearer());
    expect(refused).toMatchObject({ status: 503, codes: ["UNAUTHENTICATED"], data: undefined });
    expect(refused.messages[0]).toContain("cannot be checked at the moment");
    expect(service.sent()).toBe(0);
    expect(service.lines.join("")).toContain('"event":"token-not-checked"');
    expect((await service.ask(sdl)).status).toBe(200);
  });
});

describe("the gateway's secret", () => {
  const secret = "s3cret-of-the-gateway";
  let service: Service;

  beforeAll(async () => {
    service = await startService({ GATEWAY_SECRET: secret });
  });
  afterAll(() => service.stop());

  it.each<[string, Record<string, string>]>([
    ["no secret", {}],
    ["an empty one", { "x-gateway-secret": "" }],
    ["a wrong one", { "x-gateway-secret": "s3cret-of-the-gatewaz" }],
    ["the beginning of it", { "x-gateway-secret": secret.slice(0, -1) }],
    ["it and more", { "x-gateway-secret": `${secret}, ${secret}` }],
    ["it elsewhere", { authorization: `Bearer ${secret}` }],
  ])("%s: UNAUTHENTICATED before anything is run", async (_name, headers) => {
    for (const query of [cancelOrders, sdl, "{ __typename }", "{ syntax error"]) {
      expect(await service.ask(query, order, headers)).toMatchObject({
        ...{ status: 401, codes: ["UNAUTHENTICATED"], data: undefined },
      });
    }
    const get = await fetch(`${service.url}?query={__typename}`, {
      headers: { ...headers, "apollo-require-preflight": "1" },
    });
    expect(get.status).toBe(401);
    expect(service.sent()).toBe(0);
  });

  it("with the gateway's secret requests and traces pass; health and the landing page need no secret", async () => {
    const headers = { "x-gateway-secret": secret };
    expect((await service.ask(sdl, {}, headers)).data._service.sdl).toContain("cancelOrders");
    const traced = await service.ask("{ __typename }", {}, { ...headers, "apollo-federation-include-trace": "ftv1" });
    expect(JSON.parse(traced.text).extensions.ftv1).toEqual(expect.any(String));
    for (const path of ["/healthz", "/readyz"]) expect((await fetch(new URL(path, service.url))).status).toBe(200);
    const page = await fetch(service.url, { headers: { accept: "text/html" } });
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(service.lines.join("")).not.toContain(secret);
  });
});

it("without a gateway's secret no caller gets traces", async () => {
  const service = await startService();
  const { text } = await service.ask("{ __typename }", {}, { "apollo-federation-include-trace": "ftv1" });
  expect(JSON.parse(text)).toEqual({ data: { __typename: "Query" } });
  await service.stop();
});

const entities = `query($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Order { cancellation { status } } }
}`;

function hs256(secret: string): string {
  const signed = `${encode({ alg: "HS256", kid: "key-0" })}.${encode(goodClaims())}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
