import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from "jose";
import { Agent } from "undici";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tokenCheck } from "../../src/http/auth/token.ts";
import { audience, goodClaims, issuer } from "../support/issuer.ts";

/** The keys at the issuer's address, or undefined while it is down. */
let published: unknown[] | undefined;
let fetches = 0;
let elapsed = 0;
let server: Server;
let check: (token: string) => Promise<unknown>;

beforeAll(async () => {
  server = createServer((_request, response) => {
    fetches += 1;
    if (published) response.end(JSON.stringify({ keys: published }));
    else response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

beforeEach(() => {
  published = [];
  fetches = 0;
  elapsed = 0;
  const jwksUrl = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`);
  const clock = { elapsed: () => elapsed };
  const identify = tokenCheck({ jwksUrl, issuer, audience, dispatcher: new Agent(), clock, emit: () => {} });
  check = (token) =>
    identify(`Bearer ${token}`).then(
      ({ subject }) => subject,
      ({ extensions }) => extensions.http.status,
    );
});

interface Key extends GenerateKeyPairResult {
  alg: string;
  kid?: string;
}

async function createKey(alg: string, kid?: string): Promise<Key> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return { ...pair, alg, ...(kid ? { kid } : {}) };
}

async function publish(...keys: Key[]): Promise<void> {
  published = await Promise.all(
    keys.map(async ({ publicKey, alg, kid }) => ({ ...(await exportJWK(publicKey)), alg, ...(kid ? { kid } : {}) })),
  );
}

function sign({ privateKey, alg, kid }: Key, named = kid): Promise<string> {
  return new SignJWT(goodClaims()).setProtectedHeader({ alg, ...(named ? { kid: named } : {}) }).sign(privateKey);
}

describe("the key set", () => {
  it("the key set is kept for ten minutes; a key that is gone then is unknown", async () => {
    const key = await createKey("ES256", "a");
    await publish(key);
    expect(await check(await sign(key))).toBe("alice");
    published = [];
    elapsed = 599_999;
    expect([await check(await sign(key)), fetches]).toEqual(["alice", 1]);
    elapsed = 600_000;
    expect([await check(await sign(key)), fetches]).toEqual([401, 2]);
  });

  it("for an unknown key the key set is fetched again, at most once a second", async () => {
    const [old, next] = [await createKey("ES256", "a"), await createKey("ES256", "b")];
    await publish(old);
    expect(await check(await sign(old))).toBe("alice");
    await publish(next);
    elapsed = 999;
    expect([await check(await sign(next)), fetches]).toEqual([401, 1]);
    elapsed = 1000;
    const tokens = Array.from({ length: 5 }, () => sign(next));
    expect(await Promise.all(tokens.map(async (token) => check(await token)))).toEqual(Array(5).fill("alice"));
    expect(fetches).toBe(2);
  });

  it("a key set with entries that are no keys is used without them", async () => {
    const key = await createKey("ES256", "a");
    await publish(key);
    published?.unshift(null, "key", 7, [], {}, { kty: null, kid: "a" }, { kty: "EC", kid: 7, crv: {} });
    expect(await check(await sign(key))).toBe("alice");
  });

  it("if the key set cannot be fetched, known keys stay good, and tokens of unknown ones cannot be checked", async () => {
    const [old, next] = [await createKey("ES256", "a"), await createKey("ES256", "b")];
    await publish(old);
    await check(await sign(old));
    published = undefined;
    elapsed = 1000;
    expect([await check(await sign(next)), await check(await sign(next)), fetches]).toEqual([503, 503, 2]);
    expect(await check(await sign(old))).toBe("alice");
    elapsed = 600_000;
    expect(await check(await sign(old))).toBe(503);
    await publish(old, next);
    expect(await check(await sign(next))).toBe("alice");
  });
});

describe("a token that names no key", () => {
  it("a token without a key id is checked with each key that fits", async () => {
    const keys = [await createKey("RS256", "a"), await createKey("RS256", "b"), await createKey("RS256")];
    await publish(...keys, await createKey("ES256", "c"));
    for (const key of keys) expect(await check(await sign(key, ""))).toBe("alice");
  });

  it("a token without a key id is refused if no key signed it, or if it is expired", async () => {
    const [a, b] = [await createKey("RS256", "a"), await createKey("RS256", "b")];
    await publish(a, b);
    expect(await check(await sign(await createKey("RS256"), ""))).toBe(401);
    const expired = new SignJWT(goodClaims({ exp: 1 })).setProtectedHeader({ alg: "RS256" }).sign(b.privateKey);
    expect(await check(await expired)).toBe(401);
  });

  it("a token without a key id is checked with eight keys at the most", async () => {
    const keys = await Promise.all(Array.from({ length: 9 }, () => createKey("ES256")));
    await publish(...keys);
    const answers = await Promise.all(keys.map(async (key) => check(await sign(key))));
    expect(answers).toEqual([...Array(8).fill("alice"), 401]);
  });
});

it.each(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"])(
  "tokens signed by %s are taken",
  async (alg) => {
    const key = await createKey(alg, "a");
    await publish(key);
    expect(await check(await sign(key))).toBe("alice");
  },
);
