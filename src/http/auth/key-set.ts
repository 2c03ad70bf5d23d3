import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { type Dispatcher, request } from "undici";
import type { Clock } from "../../domain/clock.ts";
import { clientHeaders } from "../../egress/dispatcher.ts";

export interface KeySetOptions {
  url: URL;
  /** Bounds the size of the answer. */
  dispatcher: Dispatcher;
  clock: Pick<Clock, "elapsed">;
}

/** Longest wait for the key set, ms: it adds to CANCEL_WAIT_MS, and gateways wait for little more than that. */
const timeoutMs = 3000;

/**
 * Least time between two fetches because of an unknown key, ms. If the issuer changes its key without notice, the new key is
 * known within a second. Many invented key ids cost the issuer one request per second.
 */
const cooldownMs = 1000;

/** After this time known keys are fetched again, ms, so that a revoked key is not accepted for long. */
const maxAgeMs = 10 * 60_000;

/**
 * The issuer's keys, fetched when they are needed. Rejects with jose's JWKSNoMatchingKey or JWKSMultipleMatchingKeys if the
 * set does not identify one key, and with another error if the set cannot be fetched.
 *
 * Not jose's createRemoteJWKSet: it measures its waits by the wall clock (jose 6.2.17, jwks/remote.js). After that clock is set
 * back by an hour, it would not find a new key for an hour.
 */
export function openKeySet({ url, dispatcher, clock }: KeySetOptions): JWTVerifyGetKey {
  let held: { keys: JWTVerifyGetKey; at: number } | undefined;
  let fetching: Promise<JWTVerifyGetKey> | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let failure: unknown;

  const refresh = async (): Promise<JWTVerifyGetKey> => {
    askedAt = clock.elapsed();
    failure = undefined;
    try {
      const keys = createLocalJWKSet(await fetchKeys(url, dispatcher));
      held = { keys, at: clock.elapsed() };
      return keys;
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  /** All callers that need the set at the same time wait for the same fetch. */
  const refreshed = (): Promise<JWTVerifyGetKey> => {
    fetching ??= refresh().finally(() => {
      fetching = undefined;
    });
    return fetching;
  };
  const forUnknownKey = async (unknown: errors.JWKSNoMatchingKey): Promise<JWTVerifyGetKey> => {
    if (fetching || clock.elapsed() - askedAt >= cooldownMs) return refreshed();
    // If the last fetch failed, the key may be in the set: the token is not proven wrong.
    throw failure ?? unknown;
  };

  return async (header, token) => {
    const fresh = held && clock.elapsed() - held.at < maxAgeMs ? held.keys : undefined;
    const keys = fresh ?? (await refreshed());
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(fresh && error instanceof errors.JWKSNoMatchingKey)) throw error;
      return (await forUnknownKey(error))(header, token);
    }
  };
}

/** Redirects are not followed: undici's `request` leaves that to its caller. */
async function fetchKeys(url: URL, dispatcher: Dispatcher): Promise<JSONWebKeySet> {
  const { statusCode, body } = await request(url, {
    dispatcher,
    headers: { ...clientHeaders, accept: "application/json, application/jwk-set+json" },
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await body.text();
  if (statusCode !== 200) throw Object.assign(new Error("not a 200"), { code: `HTTP_${statusCode}` });
  const { keys } = JSON.parse(text) as JSONWebKeySet;
  if (!Array.isArray(keys)) throw new errors.JWKSInvalid("no list of keys");
  // jose leaves out the keys that it cannot use (RFC 7517, 5), but refuses the whole set if one is no object.
  return { keys: keys.filter((key) => typeof key === "object" && key !== null && !Array.isArray(key)) };
}
