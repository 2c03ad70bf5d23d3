import type { IncomingHttpHeaders } from "node:http";
import { Agent } from "undici";
import type { Clock } from "../../domain/clock.ts";
import type { Emit } from "../../domain/events.ts";
import type { Caller } from "../../graphql/context.ts";
import { accessCheck } from "./access-check.ts";
import { secretCheck } from "./gateway-secret.ts";
import { tokenCheck } from "./token.ts";
import { unauthenticated } from "./unauthenticated.ts";

export interface AuthenticatorOptions {
  /** Whose tokens callers need; null: none. */
  tokens: { jwksUrl: URL; issuer: string; audience: string } | null;
  /** What every request carries in `x-gateway-secret`; null: nothing. */
  gatewaySecret: string | null;
  /** Where nobody shows a token, nobody reads the back office's list. */
  production: boolean;
  /** Who knows which orders are whose; null: nobody. */
  checkUrl: URL | null;
  clock: Pick<Clock, "elapsed">;
  emit: Emit;
}

/** Where GraphQL requests come in: knows the gateway, the caller, and what is the caller's. */
export interface Authenticator {
  /** Whether nobody else is let in. */
  gatewayOnly: boolean;
  /** Rejects with UNAUTHENTICATED unless the gateway's secret is right and the token, where there is one, is valid. */
  authenticate(headers: IncomingHttpHeaders): Promise<Caller>;
  close(): Promise<void>;
}

/** Largest key set or permission that is read, bytes: 500 ids of 200 characters make 100 kB. */
const maxAnswerBytes = 1024 * 1024;

/** Most sockets at once to the issuer, and as many to the access check. */
const socketsEach = 16;

/** What the authenticator opens at the most. */
export const authenticatorSockets = 2 * socketsEach;

/** Short, as a server may close a socket that lies idle for longer at the very moment it is used again. */
const idleSocketMs = 250;

export function openAuthenticator({
  tokens,
  gatewaySecret,
  checkUrl,
  production,
  clock,
  emit,
}: AuthenticatorOptions): Authenticator {
  const agent = new Agent({
    connections: socketsEach,
    maxResponseSize: maxAnswerBytes,
    keepAliveTimeout: idleSocketMs,
    keepAliveMaxTimeout: idleSocketMs,
  });
  const isGateway = gatewaySecret === null ? () => true : secretCheck(gatewaySecret);
  const identify = tokens ? tokenCheck({ ...tokens, dispatcher: agent, clock, emit }) : async () => anybody(production);
  const ask = checkUrl && accessCheck({ url: checkUrl, dispatcher: agent, emit });

  return {
    gatewayOnly: gatewaySecret !== null,
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
    close: () => agent.destroy(),
  };
}

/** Without tokens nobody is known, and everybody may do what a customer may. */
function anybody(production: boolean) {
  const holds = (scope: string) => !production || scope !== "cancellations:read";
  return { authenticated: true, subject: null, holds };
}
