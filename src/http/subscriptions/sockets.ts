import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { type WebSocket, WebSocketServer } from "ws";
import { maxBodyBytes } from "../exact-json.ts";
import { closeCodes } from "./close-codes.ts";

/** The open WebSockets, each with the bounds that keep a hostile client harmless. */
export interface Sockets {
  /** Answers this upgrade request. False if there are too many sockets: then nothing was answered. */
  accept(request: IncomingMessage, stream: Duplex, head: Buffer): boolean;
  /** Closes all with 1001: clients connect again, to another instance. Resolves when all are gone. */
  close(): Promise<void>;
}

/** One WebSocket. */
export interface Socket {
  /**
   * Resolves when the operating system has taken the data: whoever waits for that never holds more than one message. On a socket
   * that is being closed, it resolves when that is over.
   */
  send(data: string): Promise<void>;
  close(code?: number, reason?: string): void;
  onMessage(listener: (data: string) => Promise<void>): void;
  /** The client has shown who it is. */
  welcome(): void;
}

export interface SocketsOptions {
  /** Most sockets at once. */
  max: number;
  /** Called with each new socket. Returns what to call when it is closed. */
  onOpen(socket: Socket, request: IncomingMessage): () => void;
}

const subprotocol = "graphql-transport-ws";

/** Most sockets whose clients have not shown yet who they are. If there are more, the oldest of these is dropped. */
const mostStrangers = 200;

/** A ping is sent this often, ms. A client that has not answered the previous ping is disconnected. */
const pingEveryMs = 12_000;

/** Longest wait for the client's part of a close, ms. */
const goodbyeMs = 1000;

/** While so much waits for the client to read it, bytes, nothing more is read from the client: no answers can pile up. */
const mostUnreadBytes = 256 * 1024;

export function openSockets({ max, onOpen }: SocketsOptions): Sockets {
  const options = {
    noServer: true,
    maxPayload: maxBodyBytes,
    perMessageDeflate: false,
    handleProtocols: (offered: Set<string>) => (offered.has(subprotocol) ? subprotocol : false),
    // How long ws waits for the client's part of a close (ws 8.19 and newer; unknown to its types).
    closeTimeout: goodbyeMs,
  };
  const server = new WebSocketServer(options);
  const strangers = new Set<WebSocket>();
  /** Those that have not answered the last ping. */
  const silent = new WeakSet<WebSocket>();
  let closing = false;

  const pings = setInterval(() => {
    for (const socket of server.clients) {
      if (silent.has(socket)) socket.terminate();
      else {
        silent.add(socket);
        socket.ping();
      }
    }
  }, pingEveryMs).unref();

  return {
    accept: (request, stream, head) => {
      if (closing || server.clients.size >= max) return false;
      server.handleUpgrade(request, stream, head, open);
      return true;
    },
    close: async () => {
      closing = true;
      clearInterval(pings);
      for (const socket of server.clients) socket.close(closeCodes.goingAway, "Going away");
      const gone = Promise.all(
        [...server.clients].map((socket) => new Promise((resolve) => socket.once("close", resolve))),
      );
      await Promise.race([gone, pause(goodbyeMs, undefined, { ref: false })]);
      for (const socket of server.clients) socket.terminate();
    },
  };

  function open(socket: WebSocket, request: IncomingMessage): void {
    // Too large a message, for example: ws closes the socket with the fitting code by itself.
    socket.on("error", () => {});
    if (socket.protocol !== subprotocol) {
      socket.close(closeCodes.noSubprotocol, "Subprotocol not acceptable");
      return;
    }
    socket.on("pong", () => silent.delete(socket));
    strangers.add(socket);
    if (strangers.size > mostStrangers) strangers.values().next().value?.terminate();
    const closed = onOpen(
      adapt(socket, () => strangers.delete(socket)),
      request,
    );
    socket.once("close", () => {
      strangers.delete(socket);
      closed();
    });
  }
}

function adapt(socket: WebSocket, welcome: () => void): Socket {
  const isOpen = () => socket.readyState === socket.OPEN;
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return {
    send: (data) =>
      new Promise((resolve) => {
        if (!isOpen()) return resolve(closed);
        socket.send(data, (error) => {
          if (socket.isPaused && socket.bufferedAmount <= mostUnreadBytes) socket.resume();
          resolve(error ? closed : undefined);
        });
        if (socket.bufferedAmount > mostUnreadBytes) socket.pause();
      }),
    close: (code, reason) => socket.close(code, reason),
    onMessage: (listener) =>
      socket.on("message", (data) => {
        // After our close, nothing that still arrives counts.
        if (!isOpen()) return;
        Promise.try(listener, String(data)).catch(() =>
          socket.close(closeCodes.internalError, "Internal server error"),
        );
      }),
    welcome,
  };
}
