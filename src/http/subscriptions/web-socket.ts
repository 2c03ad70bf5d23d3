import type { IncomingHttpHeaders, IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { GraphQLError } from "graphql";
import type { Caller } from "../../api/context.ts";
import type { Emit } from "../../domain/events.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import { unauthenticated } from "../auth/token.ts";
import { chooseRequestId, startReport } from "../request-report.ts";
import { closeCodes } from "./close-codes.ts";
import { connectionHeaders, withoutCredentials } from "./credentials.ts";
import { type Closing, speak } from "./graphql-transport-ws.ts";
import { createPlaces } from "./places.ts";
import { longestTimerMs } from "./results.ts";
import { openSockets, type Socket } from "./sockets.ts";
import type { Refused, Started, Subscriptions } from "./subscriptions.ts";
import type { OperationRequest } from "./validate-operation.ts";

export interface WebSocketOptions {
  authenticator: Pick<Authenticator, "authenticate" | "asksCredentials">;
  subscriptions: Pick<Subscriptions, "start">;
  /** Most sockets at once. */
  maxSockets: number;
  /** Most sockets at once of one caller. */
  maxSocketsOfCaller: number;
  /** Web pages of these origins may connect, besides our own, if callers need no credentials. */
  origins: readonly string[];
  emit: Emit;
}

/** After so many refused subscriptions a connection is closed: its client does not listen. */
const mostRefused = 100;

/** Serves subscriptions by `graphql-transport-ws` on this path of an HTTP server. */
export function serveWebSockets(server: Server, path: string, options: WebSocketOptions): { close(): Promise<void> } {
  const { authenticator, maxSockets, origins, emit } = options;
  const serve = connectionsOf(options);
  const sockets = openSockets({ max: maxSockets, onOpen: (socket, { headers }) => serve(socket, headers) });

  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    try {
      const status =
        refusalOf(request) ?? (sockets.accept(request, stream, head) ? undefined : "503 Service Unavailable");
      if (status) refuse(stream, status);
    } catch (error) {
      // What an event listener throws ends the process.
      emit({ event: "http-error", requestId: chooseRequestId(request.headers), error });
      stream.destroy();
    }
  });
  return { close: sockets.close };

  function refusalOf(request: IncomingMessage): string | undefined {
    // A request target is any text: `//` is no URL.
    if (URL.parse(request.url ?? "", "http://host")?.pathname !== path) return "404 Not Found";
    return authenticator.asksCredentials || isOwnPage(request, origins) ? undefined : "403 Forbidden";
  }
}

/** Browsers let any page open a WebSocket to any address, and say whose page it is. Other clients send no origin. */
function isOwnPage({ headers: { origin, host } }: IncomingMessage, origins: readonly string[]): boolean {
  if (origin === undefined || origins.includes(origin)) return true;
  return host !== undefined && URL.parse(origin)?.host === host;
}

function refuse(stream: Duplex, status: string): void {
  stream.on("error", () => {});
  // What the client still sends is not read, so that the end of it would never be seen: half open, the socket would stay for good.
  stream.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => stream.destroy());
}

/** Serves each socket, with the headers of its upgrade request. Returns what to call when it is closed. */
function connectionsOf({ authenticator, subscriptions, maxSocketsOfCaller }: WebSocketOptions) {
  const places = createPlaces({ all: Number.POSITIVE_INFINITY, each: maxSocketsOfCaller });

  return (socket: Socket, upgrade: IncomingHttpHeaders): (() => void) => {
    /** What ends with the socket: otherwise a timer would hold it, and all that belongs to it, until the token expires. */
    const held = new DisposableStack();
    let caller: Caller | undefined;
    let headers: IncomingHttpHeaders = {};
    let refused = 0;

    held.defer(speak(socket, { connect, subscribe }));
    return () => held.dispose();

    async function connect(payload: unknown): Promise<Closing | undefined> {
      const all = connectionHeaders(upgrade, payload);
      const found = await authenticator.authenticate(all).catch(closingOf);
      if ("code" in found) return found;
      if (!found.authenticated) return closingOf(unauthenticated("This needs an access token."));
      // The client has left meanwhile.
      if (held.disposed) return undefined;
      const giveBack = places.take(found.subject);
      if (typeof giveBack === "string") return tooManySockets(maxSocketsOfCaller);
      held.defer(giveBack);
      held.defer(closeAtExpiry(socket, found));
      socket.welcome();
      caller = found;
      headers = withoutCredentials(all);
      return undefined;
    }

    async function subscribe(operation: OperationRequest): Promise<Started | Refused> {
      const started = await subscriptions.start({
        operation,
        caller: caller as Caller,
        // The whole connection ends then, and tells the client why.
        expiresInMs: null,
        report: startReport(chooseRequestId(headers), headers),
        othersRun: false,
      });
      if (started === "other") throw new Error("nothing else runs here");
      if ("errors" in started) refused += 1;
      if (refused >= mostRefused) socket.close(closeCodes.tooMany, "Too many refused subscriptions");
      return started;
    }
  };
}

/** The token is that of the whole connection. Clients of graphql-ws connect again after this code, with a new token. */
function closeAtExpiry(socket: Socket, { expiresInMs }: Caller): () => void {
  if (expiresInMs === null) return () => {};
  const close = () => socket.close(closeCodes.forbidden, "The access token has expired.");
  const timer = setTimeout(close, Math.min(expiresInMs, longestTimerMs)).unref();
  return () => clearTimeout(timer);
}

/** Why a caller may not stay, in words that were written for callers. */
function closingOf(error: unknown): Closing {
  if (!(error instanceof GraphQLError)) return { code: closeCodes.forbidden, reason: "Forbidden" };
  // The token could not be checked: the client may try again later.
  const isTemporary = (error.extensions.http as { status?: number } | undefined)?.status === 503;
  return { code: isTemporary ? closeCodes.tryAgainLater : closeCodes.forbidden, reason: error.message };
}

function tooManySockets(most: number): Closing {
  return { code: closeCodes.tooMany, reason: `You have ${most} WebSockets open here, the most for one caller.` };
}
