import { fastifyApolloHandler } from "@as-integrations/fastify";
import cors from "@fastify/cors";
import Fastify, { type FastifyInstance, type onRequestHookHandler } from "fastify";
import type { GraphQLSchema } from "graphql";
import { createContext, type Service } from "../api/context.ts";
import type { Emit } from "../domain/events.ts";
import { createApollo } from "./apollo.ts";
import type { Authenticator } from "./auth/authenticator.ts";
import { incomingConnections, limitConnections, readOpenFiles } from "./connection-limit.ts";
import { drainOf } from "./drain.ts";
import { answerRefusals, refuseCodedBodies, refuseOtherMethods, refuseTarget } from "./error-handlers.ts";
import { maxBodyBytes, parseBodiesExactly } from "./exact-json.ts";
import { type ConsoleOptions, serveConsole } from "./pages/console-page.ts";
import { type LandingOptions, serveLanding } from "./pages/landing-page.ts";
import { watchReadiness } from "./readiness.ts";
import { chooseRequestId, currentReport, emitReport, type RequestReport, startReport } from "./request-report.ts";
import { eventStreams } from "./subscriptions/event-stream.ts";
import { createSubscriptions } from "./subscriptions/subscriptions.ts";
import { serveWebSockets } from "./subscriptions/web-socket.ts";

export interface ServerOptions {
  schema: GraphQLSchema;
  service: Service;
  authenticator: Authenticator;
  /** In production there is no introspection, no landing page and no hosted Sandbox. */
  production: boolean;
  /** What the landing page shows; null if there is none. */
  landing: LandingOptions | null;
  /** The operators' console; null if it is not served. */
  console: ConsoleOptions | null;
  /** Rejects unless the database takes work. */
  ping(): Promise<void>;
  /** The metrics as Prometheus text, with its content type. */
  scrape(openSubscriptions: number): Promise<{ contentType: string; text: string }>;
  /** Most sockets that are open at once to providers, the database and others. Incoming connections leave room for them. */
  outgoingSockets: number;
  /** Most open subscriptions, in all and of one caller. */
  maxSubscriptions: number;
  maxSubscriptionsOfCaller: number;
  /** A subscription ends at this age. */
  subscriptionMaxAgeMs: number;
  emit: Emit;
}

/** Disposed, it accepts no more requests and ends subscriptions, and the last request is answered. */
export interface Server extends AsyncDisposable {
  /** Resolves to the URL at which the server can be reached. */
  listen(at: { host: string; port: number }): Promise<string>;
  /** From now on `/readyz` answers 503. */
  drain(): void;
}

/** Longest time for a request to arrive, ms. A gateway nearby needs a few; an attacker could send slowly for ever. */
const maxArrivalMs = 30_000;

const path = "/graphql";
const methods = ["GET", "POST"] as const;

/** WebSockets beyond those that can have a subscription: of clients that have not subscribed yet; of one caller, while it connects again. */
const [spareSockets, spareSocketsOfCaller] = [250, 25];

/** Apollo's hosted Sandbox. */
const sandboxOrigin = "https://studio.apollographql.com";

/** No answer may be kept. For browsers: they must believe the content type, and no page may show ours in a frame. */
const headers = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": "frame-ancestors 'none'",
};

/** HTTP around the schema: GraphQL, health, metrics, and nothing else. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { production, emit, ping, scrape } = options;
  const app = Fastify({
    logger: false,
    forceCloseConnections: "idle",
    bodyLimit: maxBodyBytes,
    requestTimeout: maxArrivalMs,
    // Others, such as the offer of h2c by Java's client, are answered as ordinary requests.
    http: { shouldUpgradeCallback: ({ headers: { upgrade } }) => upgrade?.toLowerCase() === "websocket" },
    genReqId: ({ headers }) => chooseRequestId(headers),
    frameworkErrors: refuseTarget,
  });
  parseBodiesExactly(app);
  answerRefusals(app, emit);
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers(headers).header("x-request-id", request.id);
    done();
  });
  if (!production) await app.register(cors, { origin: [sandboxOrigin], methods: [...methods], maxAge: 600 });
  // After CORS, which answers OPTIONS.
  app.addHook("onRequest", refuseOtherMethods(path, methods));

  const drain = drainOf(app);
  const takesWork = watchReadiness(ping, emit);
  let accepting = false;
  app.get("/healthz", async () => ({ status: "ok" }));
  app.get("/readyz", async (_request, reply) => {
    const ready = accepting && (await takesWork());
    return reply.code(ready ? 200 : 503).send({ status: ready ? "ready" : "unavailable" });
  });
  const graphql = await serveGraphql(app, options);
  app.get("/metrics", async (_request, reply) => {
    const { contentType, text } = await scrape(graphql.subscriptions.open);
    return reply.type(contentType).send(text);
  });
  if (options.console) serveConsole(app, options.console);

  return {
    listen: async (at) => {
      const { max, cramped } = incomingConnections(readOpenFiles(), options.outgoingSockets);
      limitConnections(app.server, max, emit);
      if (cramped) emit({ event: "few-open-files", connections: max });
      const url = await app.listen(at).catch((error: Error) => {
        throw new Error(`HOST, PORT: ${error.message}`, { cause: error });
      });
      accepting = true;
      emit({ event: "listening", url });
      return url;
    },
    drain: () => {
      accepting = false;
      drain.begin();
    },
    [Symbol.asyncDispose]: async () => {
      accepting = false;
      await Promise.all([drain.close(), graphql.close()]);
      await graphql.stop();
    },
  };
}

async function serveGraphql(app: FastifyInstance, { service, authenticator, emit, ...options }: ServerOptions) {
  const apollo = createApollo({ ...options, gatewayOnly: authenticator.gatewayOnly, emit });
  await apollo.start();
  const answer = fastifyApolloHandler(apollo, {
    context: async ({ headers, id }) => {
      const arrivedAt = performance.now();
      return createContext(service, await authenticator.authenticate(headers), id, () => performance.now() - arrivedAt);
    },
  });
  const subscriptions = createSubscriptions({
    apollo,
    schema: options.schema,
    service,
    max: options.maxSubscriptions,
    maxOfCaller: options.maxSubscriptionsOfCaller,
    maxAgeMs: options.subscriptionMaxAgeMs,
    emit,
  });
  const answerEvents = eventStreams({ authenticator, subscriptions, emit });
  const landing = options.landing && serveLanding(app, options.landing);
  app.route({
    url: path,
    method: [...methods],
    onRequest: [reportTo(emit), refuseCodedBodies],
    handler: async function (request, reply) {
      if (landing?.isFor(request)) return landing.answer(reply);
      const report = currentReport.getStore() as RequestReport;
      return (await answerEvents(request, reply, report)) ? reply : answer.call(this, request, reply);
    },
  });
  const sockets = serveWebSockets(app.server, path, {
    authenticator,
    subscriptions,
    maxSockets: options.maxSubscriptions + spareSockets,
    maxSocketsOfCaller: options.maxSubscriptionsOfCaller + spareSocketsOfCaller,
    origins: options.production ? [] : [sandboxOrigin],
    emit,
  });
  return {
    subscriptions,
    close: async () => {
      // First the sockets: they tell their clients that it is not the end of their streams.
      const closed = sockets.close();
      subscriptions.close();
      await closed;
    },
    stop: () => apollo.stop(),
  };
}

/** Emits one event for each request, even a refused one. It has no status if the caller did not wait for the answer. */
function reportTo(emit: Emit): onRequestHookHandler {
  return ({ id, headers }, reply, done) => {
    const report = startReport(id, headers);
    const startedAt = performance.now();
    reply.raw.once("close", () => {
      emitReport(emit, report, reply.raw.writableFinished ? reply.statusCode : undefined, startedAt);
    });
    currentReport.run(report, done);
  };
}
