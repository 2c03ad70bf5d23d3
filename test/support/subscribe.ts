import { createClient as createSseClient } from "graphql-sse";
import { type Client, createClient as createWebSocketClient } from "graphql-ws";
import WebSocket from "ws";
import type { Fields } from "./post.ts";

/** A client's side of one subscription: what arrived, and how it ended. */
export interface Subscribed {
  /** Every event so far. */
  readonly events: Fields[];
  /** The next event that was not taken yet. Rejects if the stream ends before. */
  next(): Promise<Fields>;
  /** Resolves when the stream is over, with the error if there was one: a CloseEvent, a list of GraphQL errors, or an Error. */
  ended: Promise<unknown>;
  stop(): void;
}

export const orderCancellations = `subscription Watch($provider: OrderProvider!, $ids: [ID!]!) {
  orderCancellations(provider: $provider, ids: $ids) { provider id cancellation { status problem { code } attempts } }
}`;

export interface SubscribeOptions {
  /** On the upgrade request, or the request for events. */
  headers?: Record<string, string>;
  /** The payload of `connection_init`. */
  payload?: Record<string, unknown>;
  query?: string;
}

/** One of the two transports of graphql subscriptions. */
export type Transport = "WebSocket" | "SSE";
export const transports: readonly Transport[] = ["WebSocket", "SSE"];

/** Subscribes to these orders at a service with the clients of graphql-ws and graphql-sse. No client connects again by itself. */
export function subscribe(
  transport: Transport,
  url: string,
  variables: Record<string, unknown>,
  options: SubscribeOptions = {},
): Subscribed {
  const client = transport === "SSE" ? sseClient(url, options) : webSocketClient(url, options);
  const subscribed = collect((sink) =>
    (client as Client).subscribe({ query: options.query ?? orderCancellations, variables }, sink),
  );
  return {
    ...subscribed,
    stop: () => {
      subscribed.stop();
      void client.dispose();
    },
  };
}

export function webSocketClient(url: string, { headers = {}, payload }: SubscribeOptions = {}): Client {
  return createWebSocketClient({
    url: url.replace("http", "ws"),
    webSocketImpl: withHeaders(headers),
    retryAttempts: 0,
    ...(payload ? { connectionParams: payload } : {}),
  });
}

function sseClient(url: string, { headers = {} }: SubscribeOptions) {
  return createSseClient({ url, headers, retryAttempts: 0 });
}

/** A WebSocket that sends these headers with its upgrade request. */
function withHeaders(headers: Record<string, string>): typeof WebSocket {
  return class extends WebSocket {
    constructor(address: string, protocols: string | string[]) {
      super(address, protocols, { headers });
    }
  } as typeof WebSocket;
}

interface Sink {
  next(result: Fields): void;
  error(error: unknown): void;
  complete(): void;
}

export function collect(start: (sink: Sink) => () => void): Subscribed {
  const events: Fields[] = [];
  const over = Promise.withResolvers<unknown>();
  let taken = 0;
  let wakeUp = () => {};
  let failure: unknown;
  let done = false;
  const end = (error?: unknown) => {
    done = true;
    failure = error;
    over.resolve(error);
    wakeUp();
  };
  const stop = start({
    next: (result) => {
      events.push(result);
      wakeUp();
    },
    error: end,
    complete: () => end(),
  });
  return {
    events,
    ended: over.promise,
    stop,
    next: async () => {
      while (taken === events.length) {
        if (done) throw new Error("the stream is over", { cause: failure });
        await new Promise<void>((resolve) => (wakeUp = resolve));
      }
      taken += 1;
      return events[taken - 1];
    },
  };
}
