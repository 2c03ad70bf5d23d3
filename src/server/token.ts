import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from "jose";
import { type Dispatcher, fetch } from "undici";
import type { Log } from "../domain/log.ts";
import type { Caller } from "../graphql/context.ts";
import { unauthenticated } from "./unauthenticated.ts";

export interface TokenCheckOptions {
  jwksUrl: URL;
  issuer: string;
  audience: string;
  /** Bounds the size of the key set. */
  dispatcher: Dispatcher;
  log: Log;
}

/** Signatures by a private key. HS* is left out on purpose: it would take the public key for a shared secret. */
const algorithms = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

/** How far the issuer's clock may be off, s. */
const clockToleranceSeconds = 5;

/** Longest wait for the key set, ms: it adds to CANCEL_WAIT_MS, and gateways wait for little more than that. */
const jwksTimeoutMs = 3000;

/**
 * Least time between two fetches for the sake of an unknown key, ms: an issuer that changes its key without notice is
 * followed within a second, and a flood of made-up key ids costs it one request per second.
 */
const jwksCooldownMs = 1000;

/** After this long even known keys are asked for again, ms, so that a revoked one does not last. */
const jwksMaxAgeMs = 10 * 60_000;

/** Knows callers by their bearer token. Rejects with UNAUTHENTICATED where one is not valid, or cannot be checked. */
export function tokenCheck(
  options: TokenCheckOptions,
): (authorization: string | undefined) => Promise<Omit<Caller, "allowed">> {
  const { issuer, audience, dispatcher, log } = options;
  const keys = createRemoteJWKSet(options.jwksUrl, {
    timeoutDuration: jwksTimeoutMs,
    cooldownDuration: jwksCooldownMs,
    cacheMaxAge: jwksMaxAgeMs,
    [customFetch]: (url, { method, headers, redirect, signal }) =>
      fetch(url, { method, headers: [...headers], redirect, signal, dispatcher }) as unknown as Promise<Response>,
  });
  // Without requiredClaims, jose takes a token that never expires.
  const demands = { algorithms, issuer, audience, requiredClaims: ["exp"], clockTolerance: clockToleranceSeconds };

  return async (authorization) => {
    if (authorization === undefined) return nobody;
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (!token) throw unauthenticated("The authorization header holds no bearer token.");
    try {
      const { payload } = await jwtVerify(token, keys, demands);
      return toIdentity(payload);
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw unauthenticated("The access token has expired.");
      if (isTokensFault(error)) throw unauthenticated("The access token is not valid.");
      log.error({ event: "token-not-checked", error });
      throw unauthenticated("The access token cannot be checked at the moment. Please try again.", 503);
    }
  };
}

const nobody = { authenticated: false, subject: null, holds: () => false };

/** OpenID Connect Core 1.0, 2: a subject has at most 255 characters. */
const subjectPattern = /^\P{C}{1,255}$/u;

function toIdentity({ sub, scope, scp }: JWTPayload): Omit<Caller, "allowed"> {
  if (sub !== undefined && !(typeof sub === "string" && subjectPattern.test(sub)))
    throw new errors.JWTInvalid("unusable sub");
  const scopes = new Set([scope, scp].flatMap(readScopes));
  return { authenticated: true, subject: sub ?? null, holds: (name) => scopes.has(name) };
}

/** A text with blanks between (RFC 9068, 2.2.3) or a list, as issuers have it. */
function readScopes(claim: unknown): unknown[] {
  return typeof claim === "string" ? claim.split(" ") : Array.isArray(claim) ? claim : [];
}

/** Everything else that jose throws is about the key set and the way to it. */
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
