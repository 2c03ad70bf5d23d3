import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { type buildConnector, DecoratorHandler, type Dispatcher, Pool, request } from "undici";
import type { HttpClient, HttpRequest } from "../../domain/provider.ts";
import { createConnector, type Egress } from "../../egress/connector.ts";
import { clientHeaders } from "../../egress/dispatcher.ts";
import { createNameLookup, type NameLookup } from "../../egress/name-lookup.ts";
import { noProxies } from "../../egress/proxies.ts";
import { failureOf } from "./failure.ts";
import { skipInterimAnswers } from "./interim-answers.ts";
import { decodeText, readAnsweredAt, readRetryAfter } from "./read-answer.ts";

export interface HttpClientOptions {
  baseUrl: URL;
  /** Most sockets open at once; 1 to 256. */
  connections: number;
  /** Whole exchange from the wait for a socket to the last byte of the answer, ms. */
  timeoutMs: number;
  /** Texts that are cut out of every answer of the provider. */
  secrets: readonly string[];
  now(): number;
  /** Closed with the client. Unless given, DNS gets a quarter of the time of an exchange, and 5 s at most. */
  names?: NameLookup;
  /** Without it the provider is reached directly. */
  egress?: Egress;
}

const directly: Egress = { proxies: noProxies, onError: () => {} };

/** Largest answer that is read, bytes, as it is sent and when it is decoded. The largest documented ones have a few hundred bytes an order. */
export const maxAnswerBytes = 1024 * 1024;

/** Some providers cancel by GET, and a cached answer to a look-up would be wrong. No signature covers headers. */
const commonHeaders = { ...clientHeaders, accept: "application/json", "cache-control": "no-store" };

/** One bounded HTTP/1.1 exchange at a time: no redirects, no retries, no hedging, no caches. Never throws. */
export function openHttpClient(options: HttpClientOptions): HttpClient & { close(): Promise<void> } {
  const names = options.names ?? createNameLookup({ timeoutMs: Math.min(options.timeoutMs / 4, 5000) });
  const pool = new Pool(options.baseUrl.origin, {
    connections: options.connections,
    pipelining: 1,
    connect: forOneExchange(createConnector({ ...(options.egress ?? directly), names, timeoutMs: options.timeoutMs })),
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: maxAnswerBytes,
  });
  const prefix = options.baseUrl.pathname.replace(/\/+$/, "");

  return {
    now: options.now,

    exchange: async (httpRequest, signal) => {
      let written = false;
      const deadline = startDeadline(options.timeoutMs);
      try {
        const answer = await request(`${options.baseUrl.origin}${prefix}${httpRequest.path}`, {
          dispatcher: pool.compose(whenWritten(() => (written = true))),
          method: httpRequest.method,
          headers: { ...commonHeaders, ...httpRequest.headers },
          body: httpRequest.body ?? null,
          signal: signal ? AbortSignal.any([deadline.signal, signal]) : deadline.signal,
          // A socket for each: one that the server closes while it lies idle leaves the next cancel in doubt, and did in 16 of
          // 144 even when it was reused within milliseconds.
          reset: true,
        });
        const text = await decodeText(await answer.body.bytes(), answer.headers["content-encoding"], maxAnswerBytes);
        const answeredAt = readAnsweredAt(answer.headers.date, options.now());
        const retryAfterMs = readRetryAfter(answer.headers["retry-after"], answeredAt);
        return {
          kind: "answered",
          status: answer.statusCode,
          answeredAt,
          retryAfterMs,
          text,
          redact: (words) => redact(words, httpRequest, options.secrets),
        };
      } catch (error) {
        return { kind: written ? "lost" : "notSent", failure: failureOf(error, written) };
      } finally {
        deadline.end();
      }
    },

    close: () => {
      names.close();
      return pool.destroy();
    },
  };
}

/** Turns of the event loop in which an answer of the largest size is read that has arrived already. */
const turnsToRead = 20;

/**
 * Aborts after this time, but not before what has arrived by then is read: after a freeze, Node runs timers that are late
 * before it looks at its sockets.
 */
function startDeadline(ms: number): { signal: AbortSignal; end(): void } {
  const late = new AbortController();
  let ended = false;
  const timer = setTimeout(async () => {
    for (let turns = 0; turns < turnsToRead && !ended; turns += 1) await turn();
    late.abort(new DOMException("no complete answer in time", "TimeoutError"));
  }, ms);
  return {
    signal: late.signal,
    end: () => {
      ended = true;
      clearTimeout(timer);
    },
  };
}

/** Makes up for what undici does with a socket. */
function forOneExchange(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...connected) => {
      const [, socket] = connected;
      if (socket) {
        keepFirstError(socket);
        skipInterimAnswers(socket);
      }
      callback(...connected);
    });
}

/**
 * undici tells the last error of a socket: after a TLS alert that is its own "other side closed" (8.12.4, its client-h1).
 * The first error is kept as the cause of the next.
 */
function keepFirstError(socket: Socket): void {
  let first: Error | undefined;
  socket.on("error", (error) => {
    if (first) error.cause ??= first;
    first ??= error;
  });
}

/**
 * Tells when undici begins to write the request to a connected socket. Before that moment nothing can have had an effect,
 * so the error does not matter: this one rule covers refused connections, DNS, proxies, TLS and connect timeouts.
 */
function whenWritten(mark: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    const marking: Dispatcher.DispatchHandler = new DecoratorHandler(handler);
    marking.onRequestStart = (controller, context) => {
      mark();
      handler.onRequestStart?.(controller, context);
    };
    return dispatch(options, marking);
  };
}

/** Answers may echo what was sent. Texts under 6 characters are left: cutting them would maim innocent words. */
function redact(text: string, sent: HttpRequest, secrets: readonly string[]): string {
  const sensitive = Object.entries(sent.headers)
    .filter(([name]) => /authorization|key|signature|payload/i.test(name))
    .map(([, value]) => value);
  return [...secrets, ...sensitive]
    .filter((secret) => secret.length >= 6)
    .reduce((cleaned, secret) => cleaned.replaceAll(secret, "[removed]"), text);
}
