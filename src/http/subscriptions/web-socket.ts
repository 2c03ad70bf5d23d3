import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type ExecutionArgs, GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from "graphql";
import { CloseCode, type Context, makeServer, type ServerOptions, type SubscribePayload } from "graphql-ws";
import type { Caller } from "../../api/context.ts";
import type { Emit } from "../../domain/events.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import { unauthenticated } from "../auth/unauthenticated.ts";
import { reviveExactly } from "../exact-json.ts";
import { maskError } from "../mask-error.ts";
import { chooseRequestId, startReport } from "../request-report.ts";
import { connectionHeaders } from "./credentials.ts";
import type { OperationRequest } from "./hand-over.ts";
import { longestTimerMs, type Results } from "./results.ts";
import { openSockets, type Socket } from "./sockets.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface WebSocketOptions {
  schema: GraphQLSchema;
  authenticator: Pick<Authenticator, "authenticate" | "asksCredentials">;
  subscriptions: Pick<Subscriptions, "start">;
  /** Most sockets at once. */
  maxSockets: number;
  /** Web pages of these origins may connect, besides our own, if callers need no credentials. */
  origins: readonly string[];
  emit: Emit;
}

/** Longest wait for `connection_init`, ms. Routers send it at once. */
const initMs = 5000;

/** After so many refused subscriptions a connection is closed: its client does not listen. */
const mostRefused = 100;

/** For a token that cannot be checked at the moment (RFC 6455 registry: "try again later"). Clients may connect again. */
const tryAgainLater = 1013;

/** Like HTTP's 429. Clients of graphql-ws do not connect again after it. */
const tooManyRequests = 4429;

/** What belongs to one connection. */
interface Connection {
  socket: Socket;
  request: IncomingMessage;
  caller?: Caller;
  refused: number;
}

/** Serves subscriptions by `graphql-transport-ws` on this path of an HTTP server. */
export function serveWebSockets(server: Server, path: string, options: WebSocketOptions): { close(): Promise<void> } {
  const { authenticator, maxSockets, origins, emit } = options;
  const protocol = makeServer(protocolOptions(options));
  const sockets = openSockets({
    max: maxSockets,
    onOpen: (socket, request) => protocol.opened(socket, { socket, request, refused: 0 }),
  });

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
  stream.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

type Protocol = ServerOptions<Record<string, unknown>, Connection>;
type ConnectionContext = Context<Record<string, unknown>, Connection>;

function protocolOptions({ schema, authenticator, subscriptions, emit }: WebSocketOptions): Protocol {
  const mask = maskError(emit);
  return {
    connectionInitWaitTimeout: initMs,
    jsonMessageReviver: reviveExactly as never,

    onConnect: async ({ connectionParams, extra }) => {
      const { socket, request } = extra;
      try {
        extra.caller = await authenticator.authenticate(connectionHeaders(request.headers, connectionParams));
        if (!extra.caller.authenticated) throw unauthenticated("This needs an access token.");
      } catch (error) {
        socket.close(isTemporary(error) ? tryAgainLater : CloseCode.Forbidden, messageOf(error));
        return false;
      }
      socket.welcome();
      closeAtExpiry(socket, extra.caller);
      return true;
    },

    onSubscribe: async ({ connectionParams, extra }, _id, payload) => {
      const headers = connectionHeaders(extra.request.headers, connectionParams);
      const started = await subscriptions.start({
        operation: toOperation(payload),
        caller: extra.caller as Caller,
        // The whole connection ends then, and tells the client why.
        expiresInMs: null,
        report: startReport(chooseRequestId(headers), headers),
        othersRun: false,
      });
      if (started === "other") throw new Error("nothing else runs here");
      if ("results" in started)
        return { schema, document: started.document, contextValue: started.results } as ExecutionArgs;
      countRefusal(extra);
      return started.errors.map((each) => new ShownError(each));
    },

    subscribe: async ({ contextValue }) => contextValue as Results as never,
    // By default the messages of thrown errors are sent as they are.
    onError: (_context: ConnectionContext, _id, _payload, errors) =>
      errors.map((error) => (error instanceof ShownError ? error.toJSON() : mask(error.toJSON(), error))),
  };
}

/** An error as the client is to see it. */
class ShownError extends GraphQLError {
  readonly #formatted: GraphQLFormattedError;
  constructor(formatted: GraphQLFormattedError) {
    super(formatted.message);
    this.#formatted = formatted;
  }
  override toJSON(): GraphQLFormattedError {
    return this.#formatted;
  }
}

/** The token is that of the whole connection. Clients of graphql-ws connect again after this code, with a new token. */
function closeAtExpiry(socket: Socket, { expiresInMs }: Caller): void {
  if (expiresInMs === null) return;
  const close = () => socket.close(CloseCode.Forbidden, "The access token has expired.");
  setTimeout(close, Math.min(expiresInMs, longestTimerMs)).unref();
}

function countRefusal(connection: Connection): void {
  connection.refused += 1;
  if (connection.refused >= mostRefused) connection.socket.close(tooManyRequests, "Too many refused subscriptions");
}

function toOperation({ query, operationName, variables, extensions }: SubscribePayload): OperationRequest {
  return {
    query,
    operationName: operationName ?? undefined,
    variables: variables ?? undefined,
    extensions: extensions ?? undefined,
  };
}

/** Whether the token could not be checked: the client may try again later. */
function isTemporary(error: unknown): boolean {
  return error instanceof GraphQLError && (error.extensions.http as { status?: number } | undefined)?.status === 503;
}

/** What was written for callers. */
function messageOf(error: unknown): string {
  return error instanceof GraphQLError ? error.message : "Forbidden";
}
