import { type Dispatcher, request } from "undici";
import type { Clock } from "../../domain/clock.ts";
import type { Emit } from "../../domain/events.ts";
import type { Egress } from "../../egress/connector.ts";
import { clientHeaders, openDispatcher } from "../../egress/dispatcher.ts";
import { singleFlight } from "../../util/single-flight.ts";

/** Where an issuer signs people in. */
export interface SignInEndpoints {
  authorization: URL;
  token: URL;
}

export interface DiscoveryOptions {
  issuer: string;
  egress: Egress;
  clock: Pick<Clock, "elapsed">;
  emit: Emit;
}

export interface Discovery extends AsyncDisposable {
  /** Null if the issuer gives no usable answer. */
  endpoints(): Promise<SignInEndpoints | null>;
}

/** Longest wait for the issuer, ms: the page waits for it. Until it is connected, a part of this. */
const [timeoutMs, connectTimeoutMs] = [3000, 2500];

/** Largest answer that is read, bytes. */
const maxAnswerBytes = 1024 * 1024;

/** For how long an answer is good, and for how long a failure is not tried again, ms. */
const [maxAgeMs, cooldownMs] = [10 * 60_000, 2000];

/**
 * Asks the issuer for its endpoints (OpenID Connect Discovery 1.0, 4). The server asks, because issuers may not let browsers ask, and
 * because the policy of the page names the endpoints.
 */
export function openDiscovery({ issuer, egress, clock, emit }: DiscoveryOptions): Discovery {
  const { dispatcher, close } = openDispatcher({ ...egress, connections: 1, connectTimeoutMs, maxAnswerBytes });
  let endpoints: SignInEndpoints | null = null;
  let goodUntil = Number.NEGATIVE_INFINITY;
  const ask = singleFlight(async () => {
    try {
      endpoints = await discover(issuer, dispatcher);
      goodUntil = clock.elapsed() + maxAgeMs;
    } catch (error) {
      // The earlier answer is most likely still true.
      emit({ event: "sign-in-undiscovered", error });
      goodUntil = clock.elapsed() + cooldownMs;
    }
  });
  return {
    endpoints: async () => {
      if (clock.elapsed() >= goodUntil) await ask();
      return endpoints;
    },
    [Symbol.asyncDispose]: close,
  };
}

async function discover(issuer: string, dispatcher: Dispatcher): Promise<SignInEndpoints> {
  const { statusCode, body } = await request(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {
    dispatcher,
    headers: { ...clientHeaders, accept: "application/json" },
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await body.text();
  if (statusCode !== 200) throw Object.assign(new Error("not a 200"), { code: `HTTP_${statusCode}` });
  const found = JSON.parse(text) as Record<string, unknown>;
  if (found.issuer !== issuer) throw Object.assign(new Error("another issuer"), { code: "OTHER_ISSUER" });
  const { protocol } = new URL(issuer);
  return {
    authorization: endpoint(found.authorization_endpoint, protocol),
    token: endpoint(found.token_endpoint, protocol),
  };
}

/** An issuer with https has no endpoint without it. */
function endpoint(value: unknown, protocol: string): URL {
  const url = new URL(String(value));
  if (url.protocol !== "https:" && url.protocol !== protocol) throw new Error("not an https endpoint");
  return url;
}
