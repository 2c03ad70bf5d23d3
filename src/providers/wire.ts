import { DecoratorHandler, type Dispatcher, Pool, request } from "undici";
import type { Exchange, Wire, WireRequest } from "../domain/provider.ts";

export interface WireOptions {
  baseUrl: URL;
  /** Most sockets open at once; 1 to 256. */
  connections: number;
  /** Whole exchange from the wait for a socket to the last byte of the answer, ms. */
  timeoutMs: number;
  /** Texts that are cut out of whatever the provider answers. */
  secrets: readonly string[];
  now(): number;
}

/** Largest answer that is read, bytes. The largest documented ones have a few hundred bytes an order. */
export const maxAnswerBytes = 1024 * 1024;

/** One bounded HTTP/1.1 exchange at a time: no redirects, no retries, no hedging. Never throws. */
export function openWire(options: WireOptions): Wire & { close(): Promise<void> } {
  const pool = new Pool(options.baseUrl.origin, {
    connections: options.connections,
    pipelining: 1,
    allowH2: false,
    connect: { timeout: options.timeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: maxAnswerBytes,
  });
  const prefix = options.baseUrl.pathname.replace(/\/+$/, "");

  return {
    now: options.now,

    exchange: async (wireRequest) => {
      let written = false;
      try {
        const answer = await request(`${options.baseUrl.origin}${prefix}${wireRequest.path}`, {
          dispatcher: pool.compose(whenWritten(() => (written = true))),
          method: wireRequest.method,
          headers: { ...wireRequest.headers },
          body: wireRequest.body ?? null,
          signal: AbortSignal.timeout(options.timeoutMs),
          // A socket for each: one that the server closes while it lies idle leaves the next cancel in doubt, and did in 16 of
          // 144 even where it was reused within milliseconds.
          reset: true,
        });
        const text = await answer.body.text();
        const retryAfterMs = readRetryAfter(answer.headers["retry-after"], options.now());
        return {
          kind: "answered",
          status: answer.statusCode,
          ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
          text,
          withoutSecrets: (words) => withoutSecrets(words, wireRequest, options.secrets),
        };
      } catch {
        return { kind: written ? "lost" : "notSent" } satisfies Exchange;
      }
    },

    close: () => pool.destroy(),
  };
}

/**
 * Tells when undici begins to write the request to a connected socket. Before that moment nothing can have had an effect,
 * whatever the error: this one rule covers refused connections, DNS, TLS and connect timeouts.
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

/** Longest pause that a provider is granted, ms: a slip of theirs must not stop us for days. */
const longestRetryAfterMs = 10 * 60_000;

/** RFC 9110, 10.2.3: seconds or an HTTP date. In ms from now, bounded; undefined where absent or unreadable. */
function readRetryAfter(header: string | string[] | undefined, now: number): number | undefined {
  if (typeof header !== "string") return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Math.min(Number(header) * 1000, longestRetryAfterMs);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - now), longestRetryAfterMs);
}

/** Answers may echo what was sent. Texts under 6 characters are left: cutting them would maim innocent words. */
function withoutSecrets(text: string, sent: WireRequest, secrets: readonly string[]): string {
  const sensitive = Object.entries(sent.headers)
    .filter(([name]) => /authorization|key|signature|payload/i.test(name))
    .map(([, value]) => value);
  return [...secrets, ...sensitive]
    .filter((secret) => secret.length >= 6)
    .reduce((cleaned, secret) => cleaned.replaceAll(secret, "[removed]"), text);
}
