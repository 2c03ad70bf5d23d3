import type { GraphQLError } from "graphql";
import {
  type CryptoKey,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  jwtVerify,
} from "jose";
import type { Dispatcher } from "undici";
import type { Caller } from "../../api/context.ts";
import { requestError } from "../../api/errors.ts";
import type { Clock } from "../../domain/clock.ts";
import type { Emit } from "../../domain/events.ts";
import { openKeySet } from "./key-set.ts";

export interface TokenCheckOptions {
  jwksUrl: URL;
  issuer: string;
  audience: string;
  /** Bounds the size of the key set. */
  dispatcher: Dispatcher;
  clock: Pick<Clock, "elapsed">;
  emit: Emit;
}

/** Signatures by a private key. HS* is left out on purpose: it would use the public key as a shared secret. */
const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/** How far the issuer's clock may be off, s. */
const clockToleranceSeconds = 5;

/** Most keys that are tried for a token that names none. Issuers have two or three: the old, the new and the next one. */
const maxKeysTried = 8;

/** Identifies callers by their bearer token. Rejects with UNAUTHENTICATED if a token is not valid or cannot be checked. */
export function tokenCheck(
  options: TokenCheckOptions,
): (authorization: string | undefined) => Promise<Omit<Caller, "allowed">> {
  const { jwksUrl, issuer, audience, dispatcher, clock, emit } = options;
  const keys = openKeySet({ url: jwksUrl, dispatcher, clock });
  // Without requiredClaims, jose takes a token that never expires.
  const demands = { algorithms, issuer, audience, requiredClaims: ["exp"], clockTolerance: clockToleranceSeconds };

  return async (authorization) => {
    if (authorization === undefined) return unknownCaller;
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (!token) throw unauthenticated("The authorization header holds no bearer token.");
    try {
      const { payload } = await verify(token, keys, demands);
      return toIdentity(payload);
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw unauthenticated("The access token has expired.");
      if (isTokensFault(error)) throw unauthenticated("The access token is not valid.");
      emit({ event: "token-not-checked", error });
      throw unauthenticated("The access token cannot be checked at the moment. Please try again.", 503);
    }
  };
}

/** A token that names no key may be signed by any key that fits: each is tried. */
async function verify(token: string, keys: JWTVerifyGetKey, demands: JWTVerifyOptions): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keys, demands);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    let tried = 0;
    for await (const key of error) {
      if (tried === maxKeysTried) break;
      tried += 1;
      const result = await verifySignature(token, key, demands);
      if (result) return result;
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** Undefined if the signature is not by this key. */
async function verifySignature(
  token: string,
  key: CryptoKey,
  demands: JWTVerifyOptions,
): Promise<JWTVerifyResult | undefined> {
  return jwtVerify(token, key, demands).catch((error) => {
    if (error instanceof errors.JWSSignatureVerificationFailed) return undefined;
    throw error;
  });
}

const unknownCaller = { authenticated: false, subject: null, expiresInMs: null, holds: () => false };

/** OpenID Connect Core 1.0, 2: a subject has at most 255 characters. */
const subjectPattern = /^\P{C}{1,255}$/u;

function toIdentity({ sub, exp = 0, scope, scp }: JWTPayload): Omit<Caller, "allowed"> {
  if (sub !== undefined && !(typeof sub === "string" && subjectPattern.test(sub)))
    throw new errors.JWTInvalid("unusable sub");
  const scopes = new Set([scope, scp].flatMap(readScopes));
  return {
    authenticated: true,
    subject: sub ?? null,
    expiresInMs: leftMs(exp),
    holds: (name) => scopes.has(name),
  };
}

/** A token that has expired only by another clock than ours is good for as long as the clocks may differ. */
function leftMs(exp: number): number {
  const ms = exp * 1000 - Date.now();
  return ms > 0 ? ms : Math.max(0, ms + clockToleranceSeconds * 1000);
}

/** A text with blanks between the scopes (RFC 9068, 2.2.3), or a list: issuers use both. */
function readScopes(claim: unknown): unknown[] {
  return typeof claim === "string" ? claim.split(" ") : Array.isArray(claim) ? claim : [];
}

/** Whether the token itself is wrong. All other errors of jose are about the key set and how it is fetched. */
function isTokensFault(error: unknown): boolean {
  return (
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWTClaimValidationFailed ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  );
}

/** Refuses a request before any part of it is run. A 401 names the authentication scheme to use (RFC 9110, 15.5.2). */
export function unauthenticated(message: string, status: 401 | 503 = 401): GraphQLError {
  const headers = new Map(status === 401 ? [["www-authenticate", "Bearer"]] : []);
  return requestError("UNAUTHENTICATED", message, { status, headers });
}
