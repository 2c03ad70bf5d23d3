import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Caller } from "../../api/context.ts";
import type { Clock } from "../../domain/clock.ts";
import type { Emit } from "../../domain/events.ts";
import type { Egress } from "../../egress/connector.ts";
import { openDispatcher } from "../../egress/dispatcher.ts";
import { accessCheck } from "./access-check.ts";
import { tokenCheck, unauthenticated } from "./token.ts";

export interface AuthenticatorOptions {
  /** The issuer whose tokens callers need; null if callers need no token. */
  tokens: { jwksUrl: URL; issuer: string; audience: string } | null;
  /** What every request must carry in `x-gateway-secret`; null if it need not carry anything. */
  gatewaySecret: string | null;
  /** In production, without `tokens`, no caller may do what is for the back office. */
  production: boolean;
  /** The service that knows which caller owns which orders; null if there is none. */
  checkUrl: URL | null;
  egress: Egress;
  clock: Pick<Clock, "elapsed">;
  emit: Emit;
}

/** Checks each GraphQL request: whether the gateway sent it, who the caller is, and which orders are the caller's. */
export interface Authenticator extends AsyncDisposable {
  /** Whether only the gateway may send requests. */
  gatewayOnly: boolean;
  /** Whether callers need a secret or a token. */
  asksCredentials: boolean;
  /** Rejects with UNAUTHENTICATED if the gateway's secret is wrong, or if there is a token and it is not valid. */
  authenticate(headers: IncomingHttpHeaders): Promise<Caller>;
}

/** Largest answer of the issuer or the access check that is read, bytes: 500 ids of 200 characters make 100 kB. */
const maxAnswerBytes = 1024 * 1024;

/** Most sockets at once to the issuer, and as many to the access check. */
const socketsEach = 16;

/** Most sockets that the authenticator opens. */
export const authenticatorSockets = 2 * socketsEach;

/** Of the 3 s that the issuer and the access check have for an answer, ms. */
const connectTimeoutMs = 2500;

export function openAuthenticator({
  tokens,
  gatewaySecret,
  checkUrl,
  production,
  egress,
  clock,
  emit,
}: AuthenticatorOptions): Authenticator {
  const { dispatcher, close } = openDispatcher({
    ...egress,
    connections: socketsEach,
    connectTimeoutMs,
    maxAnswerBytes,
  });
  const isGateway = gatewaySecret === null ? () => true : secretCheck(gatewaySecret);
  const identify = tokens ? tokenCheck({ ...tokens, dispatcher, clock, emit }) : async () => anybody(production);
  const ask = checkUrl && accessCheck({ url: checkUrl, dispatcher, emit });

  return {
    gatewayOnly: gatewaySecret !== null,
    asksCredentials: gatewaySecret !== null || tokens !== null,
    authenticate: async (headers) => {
      if (!isGateway(headers["x-gateway-secret"])) throw unauthenticated("Only the gateway may ask here.");
      const { authorization } = headers;
      const identity = await identify(authorization);
      return {
        ...identity,
        allowed: async (provider, ids) =>
          ask ? ask({ subject: identity.subject, provider, ids }, authorization) : new Set(ids),
      };
    },
    [Symbol.asyncDispose]: close,
  };
}

/** What only the staff may do. */
const staffScopes = ["cancellations:read", "cancellations:resolve", "providers:manage"];

/** Without tokens no caller is known, and every caller may do what a customer may. */
function anybody(production: boolean) {
  const holds = (scope: string) => !production || !staffScopes.includes(scope);
  return { authenticated: true, subject: null, expiresInMs: null, holds };
}

/** Whether a header holds the secret. It compares hashes in constant time, so that a caller cannot measure parts of the secret. */
function secretCheck(secret: string): (header: string | string[] | undefined) => boolean {
  const expected = hash(secret);
  return (header) => typeof header === "string" && timingSafeEqual(hash(header), expected);
}

function hash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
