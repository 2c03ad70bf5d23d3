import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { createSignIns, type SignIns } from "./sign-ins.ts";

/** An authorization server: a key set at an address, and tokens by its keys. */
export interface Issuer extends Pick<SignIns, "signIns" | "signInAs"> {
  /** What points the service at it. */
  settings: Record<string, string>;
  /** How often its key set was fetched. */
  readonly fetches: number;
  /** A token as it should be, with these claims besides; undefined takes one out. */
  token(claims?: Record<string, unknown>): Promise<string>;
  /** A header to send such a token in. */
  bearer(claims?: Record<string, unknown>): Promise<{ authorization: string }>;
  /** From now on it signs with a new key, and its key set holds that one alone. */
  rotate(): Promise<void>;
  /** The one entry of its key set. */
  publicJwk(): Promise<Record<string, unknown>>;
  /** Its address, with a slash at the end. */
  url: string;
  /** What its discovery document says besides, from now on. */
  discover(claims: Record<string, unknown>): void;
  /** Answers otherwise from now on. */
  answerWith(answer: (response: ServerResponse) => void): void;
  close(): Promise<void>;
}

export const issuer = "https://issuer.example/";
export const audience = "cancellations";

export async function startIssuer(): Promise<Issuer> {
  let number = 0;
  let keys = await generateKeyPair("RS256");
  let fetches = 0;
  const publicJwk = async () => ({ ...(await exportJWK(keys.publicKey)), kid: `key-${number}`, alg: "RS256" });
  let answer = async (response: ServerResponse): Promise<void> => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ keys: [await publicJwk()] }));
  };
  let discovery: Record<string, unknown> = {};
  const server = createServer((request, response) => {
    if (request.url === "/.well-known/openid-configuration") {
      response.writeHead(200, { "content-type": "application/json" });
      const endpoints = { authorization_endpoint: `${url}authorize`, token_endpoint: `${url}token` };
      return void response.end(JSON.stringify({ issuer: url, ...endpoints, ...discovery }));
    }
    if (signIns.serve(request, response)) return;
    fetches += 1;
    void answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const token: Issuer["token"] = (claims = {}) =>
    new SignJWT(goodClaims(claims)).setProtectedHeader({ alg: "RS256", kid: `key-${number}` }).sign(keys.privateKey);
  const signIns = createSignIns(token);
  return {
    ...{ signIns: signIns.signIns, signInAs: signIns.signInAs },
    settings: {
      AUTH_JWKS_URL: `${url}jwks`,
      AUTH_ISSUER: issuer,
      AUTH_AUDIENCE: audience,
    },
    url,
    discover: (claims) => {
      discovery = claims;
    },
    get fetches() {
      return fetches;
    },
    token,
    bearer: async (claims) => ({ authorization: `Bearer ${await token(claims)}` }),
    rotate: async () => {
      keys = await generateKeyPair("RS256");
      number += 1;
    },
    publicJwk,
    answerWith: (other) => {
      answer = async (response) => other(response);
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Valid for an hour. */
export function goodClaims(claims: Record<string, unknown> = {}): JWTPayload {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const all = { iss: issuer, aud: audience, sub: "alice", scope: "openid orders:cancel", exp, ...claims };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
