import type { ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { GraphQLError } from "graphql";
import type { Emit } from "../../domain/events.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import { maskError } from "../mask-error.ts";
import type { RequestReport } from "../request-report.ts";
import { readOperation } from "./read-operation.ts";
import type { Result, Results } from "./results.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface EventStreamOptions {
  authenticator: Pick<Authenticator, "authenticate">;
  subscriptions: Pick<Subscriptions, "start">;
  emit: Emit;
}

/** A comment is sent this often, ms. A client that has not taken the last one by then is dropped. */
const heartbeatMs = 12_000;

/** Longest time that a client has for the last bytes, ms; less if the service stops. */
const [lastBytesMs, lastBytesAtStopMs] = [12_000, 1000];

const eventStream = "text/event-stream";

/** Buffering proxies would hold events back; the last header is nginx's. */
const headers = { "content-type": eventStream, "cache-control": "no-store, no-transform", "x-accel-buffering": "no" };

/**
 * Serves subscriptions as server-sent events, by POST or GET, in the mode "distinct connections" of graphql-sse. Resolves to false
 * if the request is for somebody else: its client does not accept events, or it is another operation and its client accepts JSON.
 *
 * The handler of graphql-sse (2.6.1) keeps every result that its client has not read, without a bound, and ends each stream with
 * `complete`, also when the service stops and the client is to come back.
 */
export function eventStreams({ authenticator, subscriptions, emit }: EventStreamOptions) {
  const mask = maskError(emit);

  return async (request: FastifyRequest, reply: FastifyReply, report: RequestReport): Promise<boolean> => {
    const accept = request.headers.accept?.toLowerCase() ?? "";
    if (!accept.includes(eventStream)) return false;
    const othersRun = /application\/|\*\/\*/.test(accept);
    try {
      const operation = readOperation(request);
      // Many clients accept everything with every request.
      if (othersRun && operation.query && !operation.query.includes("subscription")) return false;
      const caller = await authenticator.authenticate(request.headers);
      const { expiresInMs } = caller;
      const started = await subscriptions.start({ operation, caller, expiresInMs, report, othersRun });
      if (started === "other") return false;
      // Fastify keeps the request for as long as the answer takes.
      request.body = undefined;
      const stream = openStream(reply);
      if ("results" in started) sendResults(stream, started.results);
      else stream.end(next({ errors: started.errors }) + complete);
    } catch (error) {
      refuse(reply, error);
    }
    return true;
  };

  /** As a POST is refused, before any part of it is run. */
  function refuse(reply: FastifyReply, error: unknown): void {
    const { extensions } = error as Partial<GraphQLError>;
    const { status = 500, headers = [] } = (extensions?.http ?? {}) as {
      status?: number;
      headers?: Map<string, string>;
    };
    const formatted = mask((error as GraphQLError).toJSON?.() ?? { message: "" }, error);
    void reply
      .code(status)
      .headers(Object.fromEntries(headers))
      .send({ errors: [formatted] });
  }
}

/** From here on, Fastify leaves the answer to us. The client gets the head at once, so that it knows that the stream is open. */
function openStream(reply: FastifyReply): ServerResponse {
  reply.hijack();
  reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...headers });
  reply.raw.flushHeaders();
  return reply.raw;
}

function sendResults(stream: ServerResponse, results: Results): void {
  let unread = false;
  const heartbeat = setInterval(() => {
    if (unread) return stream.destroy();
    unread = true;
    stream.write(":\n\n", () => {
      unread = false;
    });
  }, heartbeatMs);
  results.signal.addEventListener("abort", () => {
    clearInterval(heartbeat);
    const leftMs = results.signal.reason === "shutdown" ? lastBytesAtStopMs : lastBytesMs;
    setTimeout(() => stream.destroy(), leftMs).unref();
  });
  stream.on("error", () => {});
  stream.once("close", () => void results.return());
  // The client may have left while the subscription was started.
  if (stream.destroyed) void results.return();
  sendAll(stream, results).catch(() => stream.destroy());
}

/** Takes the next answer when the operating system has taken the last one: a client that does not read holds up one answer. */
async function sendAll(stream: ServerResponse, results: Results): Promise<void> {
  for await (const result of results) {
    const error = await new Promise((resolve) => stream.write(next(result), resolve));
    // Not only when it is closed, which Node reports later: until then this would answer what waits in vain.
    if (error) await results.return();
  }
  // Without a "complete", clients connect again: to another instance.
  stream.end(results.signal.reason === "shutdown" ? undefined : complete);
}

function next(result: Result): string {
  return `event: next\ndata: ${JSON.stringify(result)}\n\n`;
}

/** EventSource ignores events without data. */
const complete = "event: complete\ndata:\n\n";
