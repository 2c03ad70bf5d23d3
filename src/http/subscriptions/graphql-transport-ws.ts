import { parseExactly } from "../exact-json.ts";
import { closeCodes } from "./close-codes.ts";
import { fieldsOf, operationIn } from "./read-operation.ts";
import type { Results } from "./results.ts";
import type { Socket } from "./sockets.ts";
import type { Refused, Started } from "./subscriptions.ts";
import type { OperationRequest } from "./validate-operation.ts";

export interface Closing {
  code: number;
  reason: string;
}

/** What stands behind one connection. Neither of the two keeps what it is given: it can have a MiB. */
export interface Handlers {
  /** The payload of `connection_init`. Resolves with why the client may not stay, or undefined. */
  connect(payload: unknown): Promise<Closing | undefined>;
  subscribe(operation: OperationRequest): Promise<Started | Refused>;
}

/** Longest wait for `connection_init`, ms. Routers send it at once. */
const initMs = 5000;

/**
 * Speaks graphql-transport-ws on a socket (github.com/enisdenjo/graphql-ws, PROTOCOL.md, looked up 2026-12-01). Returns what to call
 * when the socket is closed.
 */
export function speak(socket: Socket, { connect, subscribe }: Handlers): () => void {
  /** By the client's id, which it may use again as soon as it has ended a subscription, or has heard of its end. */
  const running = new Map<string, Running>();
  let client: "unknown" | "said who it is" | "known" = "unknown";
  const close = ({ code, reason }: Closing) => socket.close(code, reason);
  const unknownTimer = setTimeout(() => close(closings.initTimeout), initMs);

  socket.onMessage(async (text) => {
    const message = readMessage(text);
    if (message?.type === "connection_init") return init(message.payload);
    if (message?.type === "ping") return send({ type: "pong", payload: message.payload });
    if (message?.type === "complete") return stop(message.id);
    if (message?.type === "subscribe") return start(message.id, message.operation);
    if (message?.type !== "pong") close(closings.badMessage);
  });

  return () => {
    clearTimeout(unknownTimer);
    for (const id of running.keys()) stop(id);
  };

  async function init(payload: unknown): Promise<void> {
    if (client !== "unknown") return close(closings.secondInit);
    client = "said who it is";
    clearTimeout(unknownTimer);
    const refusal = await connect(payload);
    if (refusal) return close(refusal);
    client = "known";
    await send({ type: "connection_ack" });
  }

  async function start(id: string, operation: OperationRequest): Promise<void> {
    if (client !== "known") return close(closings.unknownClient);
    if (running.has(id))
      return close({ code: closeCodes.subscriberExists, reason: `Subscriber for ${id.slice(0, 30)} already exists` });
    const mine: Running = { results: undefined };
    running.set(id, mine);
    const started = await subscribe(operation);
    const isRunning = running.get(id) === mine;
    if ("results" in started) {
      mine.results = started.results;
      if (!isRunning) await started.results.return();
      // Not awaited: this call would keep the operation for as long.
      else sendAll(id, started.results).catch(() => close(closings.internalError));
    } else if (isRunning) await end(id, { type: "error", payload: started.errors });
  }

  async function sendAll(id: string, results: Results): Promise<void> {
    for await (const result of results) {
      if ("errors" in result) return end(id, { type: "error", payload: result.errors });
      await send({ id, type: "next", payload: result });
    }
    if (running.get(id)?.results === results) await end(id, { type: "complete" });
  }

  /** Its client may use the id again at once. */
  function end(id: string, message: { type: "error" | "complete"; payload?: unknown }): Promise<void> {
    running.delete(id);
    return send({ id, ...message });
  }

  function stop(id: string): void {
    void running.get(id)?.results?.return();
    running.delete(id);
  }

  function send(message: { id?: string; type: string; payload?: unknown }): Promise<void> {
    return socket.send(JSON.stringify(message));
  }
}

interface Running {
  /** Undefined while it is being started. */
  results: Results | undefined;
}

const closings = {
  badMessage: { code: closeCodes.badRequest, reason: "Invalid message received" },
  unknownClient: { code: closeCodes.unauthorized, reason: "Unauthorized" },
  initTimeout: { code: closeCodes.initTimeout, reason: "Connection initialisation timeout" },
  secondInit: { code: closeCodes.tooMany, reason: "Too many initialisation requests" },
  internalError: { code: closeCodes.internalError, reason: "Internal server error" },
} satisfies Record<string, Closing>;

type Message =
  | { type: "connection_init" | "ping" | "pong"; payload: unknown }
  | { type: "subscribe"; id: string; operation: OperationRequest }
  | { type: "complete"; id: string };

/** Undefined if this is no message of a client. */
function readMessage(text: string): Message | undefined {
  try {
    const { type, id, payload } = fieldsOf(parseExactly(text));
    switch (type) {
      case "connection_init":
      case "ping":
      case "pong":
        return { type, payload: payload === undefined || payload === null ? undefined : fieldsOf(payload) };
      case "subscribe":
        return isId(id) ? { type, id, operation: operationIn(fieldsOf(payload)) } : undefined;
      case "complete":
        return isId(id) ? { type, id } : undefined;
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

/** Longest id of a subscription, in UTF-16 units. It is kept, and sent with each event. Clients take a number or a UUID. */
const maxIdLength = 200;

function isId(id: unknown): id is string {
  return typeof id === "string" && id !== "" && id.length <= maxIdLength;
}
