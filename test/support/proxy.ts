import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Egress } from "../../src/egress/connector.ts";
import { ProxyError } from "../../src/egress/tunnel.ts";

/** What a proxy does with a CONNECT. It may also read the head that the client sent with it. */
export type OnConnect = (socket: Socket, request: IncomingMessage, head: Buffer) => void;

/** A CONNECT proxy, to which every name is this machine. */
export interface TestProxy {
  url: URL;
  /** The CONNECT requests so far. */
  readonly connects: readonly IncomingMessage[];
  /** Any other request is a mistake; their URLs. */
  readonly others: readonly string[];
  /** For clients: all that is not on this machine goes through this proxy. */
  readonly egress: Egress;
  /** What was reported to `egress` so far, and was the proxy's fault. */
  readonly errors: readonly ProxyError[];
  close(): Promise<void>;
}

export interface TestProxyOptions {
  onConnect?: OnConnect;
  /** Makes it a proxy that is itself reached over TLS. */
  certificate?: { key: string; cert: string };
}

export async function startProxy({ onConnect = tunnel, certificate }: TestProxyOptions = {}): Promise<TestProxy> {
  const connects: IncomingMessage[] = [];
  const others: string[] = [];
  const errors: ProxyError[] = [];
  const sockets = new Set<Socket>();
  const onRequest: RequestListener = (request, response) => {
    others.push(request.url ?? "");
    response.writeHead(501).end("this proxy only knows CONNECT");
  };
  const server: Server = certificate ? createSecureServer(certificate, onRequest) : createServer(onRequest);
  server.on("connect", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    connects.push(request);
    onConnect(socket, request, head);
  });
  server.on("connection", (socket: Socket) => void sockets.add(socket.on("error", () => {})));
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = new URL(`${certificate ? "https" : "http"}://127.0.0.1:${port}`);
  return {
    ...{ url, connects, others, errors },
    egress: through(url, errors),
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Everything goes through the proxy at this address. */
export function through(url: URL, errors: ProxyError[] = [], authorization: string | null = null): Egress {
  const proxy = { url, authorization };
  return {
    proxies: { http: proxy, https: proxy, exceptions: [] },
    onError: (error) => void (error instanceof ProxyError && errors.push(error)),
  };
}

/** Opens the way, wherever it is asked for. */
export function tunnel(client: Socket, { url = "" }: IncomingMessage, head: Buffer): void {
  const target = connect(Number(url.split(":").at(-1)), "127.0.0.1", () => {
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    target.write(head);
    client.pipe(target).pipe(client);
  });
  // As real ones do: what ends on one side, ends on the other.
  target.on("error", () => client.resetAndDestroy());
  target.on("close", () => client.destroy());
  client.on("error", () => target.resetAndDestroy());
  client.on("close", () => target.destroy());
}

/** The same address under a name that is not this machine's, so that it is reached through a proxy. */
export function named(url: URL): URL {
  const other = new URL(url);
  other.hostname = "provider.test";
  return other;
}
