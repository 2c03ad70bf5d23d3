import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";

/** A running Hive Gateway. */
export interface HiveGateway {
  url: string;
  stop(): Promise<void>;
}

export interface HiveGatewayOptions {
  /** SDL and address of each subgraph. */
  subgraphs: Readonly<Record<string, { sdl: string; url: string }>>;
  /** How it subscribes at the subgraph "cancellations": by events, which is its default, by POSTed events, or by WebSocket. */
  subscribeBy: "GET" | "POST" | "WebSocket";
  /** Sent to all subgraphs as `x-gateway-secret`. */
  secret: string;
  /** Any free one unless given. */
  port?: number;
}

/** As docs/supergraph.md configures it. The caller's token is passed on. */
export async function startHiveGateway({
  subgraphs,
  subscribeBy,
  secret,
  port = 0,
}: HiveGatewayOptions): Promise<HiveGateway> {
  const services = Object.entries(subgraphs).map(([name, { sdl, url }]) => ({ name, url, typeDefs: parse(sdl) }));
  const { supergraphSdl = "", errors } = composeServices(services);
  if (errors) throw new AggregateError(errors);
  const { createGatewayRuntime, http, ws } = await loadPackages();
  const gateway = createGatewayRuntime({
    supergraph: supergraphSdl,
    logging: false,
    transports: { http, ws },
    transportEntries: { cancellations: { options: optionsFor(subscribeBy, secret) } },
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }: { request: Request }) => {
        const authorization = request.headers.get("authorization");
        return { "x-gateway-secret": secret, ...(authorization ? { authorization } : {}) };
      },
    },
  });
  const server = createServer(gateway);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await gateway[Symbol.asyncDispose]();
    },
  };
}

/** Without their types: these change graphql-js' own `GraphQLErrorExtensions` for all files that are compiled together. */
async function loadPackages() {
  const names = ["@graphql-hive/gateway-runtime", "@graphql-mesh/transport-http", "@graphql-mesh/transport-ws"];
  const [{ createGatewayRuntime }, http, ws] = await Promise.all(names.map((name) => import(name)));
  return { createGatewayRuntime, http: http.default, ws: ws.default };
}

function optionsFor(subscribeBy: HiveGatewayOptions["subscribeBy"], secret: string) {
  if (subscribeBy === "GET") return {};
  if (subscribeBy === "POST") return { method: "POST" as const };
  const connectionParams = { token: "{context.headers.authorization}", "x-gateway-secret": secret };
  return { subscriptions: { kind: "ws", location: "/graphql", options: { connectionParams } } };
}
