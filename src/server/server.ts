import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { ApolloServerPluginLandingPageLocalDefault } from "@apollo/server/plugin/landingPage/default";
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from "@as-integrations/fastify";
import cors from "@fastify/cors";
import Fastify, { type FastifyInstance } from "fastify";
import type { GraphQLSchema } from "graphql";
import type { Log } from "../domain/log.ts";
import { createContext, type RequestContext, type Service } from "../graphql/context.ts";
import { maskError } from "./mask-error.ts";

export interface ServerOptions {
  schema: GraphQLSchema;
  service: Service;
  /** Introspection, landing page and the hosted Sandbox are for anywhere but production. */
  production: boolean;
  /** What the landing page opens with. */
  firstLook: { document: string; variables: Record<string, unknown> };
  /** Rejects unless the database answers. */
  ping(): Promise<void>;
  log: Log;
}

export interface Server {
  /** Resolves with the address to reach it at. */
  listen(at: { host: string; port: number }): Promise<string>;
  /** From now on `/readyz` says 503. */
  drain(): void;
  /** Takes no more requests and resolves when the last one is answered. */
  close(): Promise<void>;
}

/** Apollo's hosted Sandbox, which the landing page embeds. */
const sandboxOrigin = "https://studio.apollographql.com";

/** HTTP around the schema: GraphQL, health, and nothing else. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { production, log, ping } = options;
  const app = Fastify({ logger: false, forceCloseConnections: "idle" });
  const apollo = createApollo(options, app);
  await apollo.start();
  let accepting = false;

  if (!production) await app.register(cors, { origin: [sandboxOrigin], methods: ["GET", "POST"], maxAge: 600 });
  app.get("/healthz", async () => ({ status: "ok" }));
  app.get("/readyz", async (_request, reply) => {
    const ready = accepting && (await answers(ping));
    return reply.code(ready ? 200 : 503).send({ status: ready ? "ready" : "unavailable" });
  });
  app.route({
    url: "/graphql",
    method: ["GET", "POST"],
    handler: fastifyApolloHandler(apollo, { context: async () => createContext(options.service, null) }),
  });

  return {
    listen: async (at) => {
      const url = await app.listen(at);
      accepting = true;
      log.info({ event: "listening", url });
      return url;
    },
    drain: () => {
      accepting = false;
    },
    close: async () => {
      accepting = false;
      await apollo.stop();
      await app.close();
    },
  };
}

function createApollo({ schema, production, firstLook, log }: ServerOptions, app: FastifyInstance) {
  return new ApolloServer<RequestContext>({
    schema,
    introspection: !production,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    // Process signals belong to main.
    stopOnTerminationSignals: false,
    formatError: maskError(log),
    plugins: [
      fastifyApolloDrainPlugin(app) as ApolloServerPlugin<RequestContext>,
      ApolloServerPluginInlineTraceDisabled(),
      production
        ? ApolloServerPluginLandingPageDisabled()
        : ApolloServerPluginLandingPageLocalDefault({ embed: true, includeCookies: false, ...firstLook }),
    ],
  });
}

async function answers(ping: () => Promise<void>): Promise<boolean> {
  return ping().then(
    () => true,
    () => false,
  );
}
