import { readFile } from "node:fs/promises";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginInlineTraceDisabled } from "@apollo/server/plugin/disabled";
import { startStandaloneServer } from "@apollo/server/standalone";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";

/** A running subgraph that owns the customer's side of orders, as a company would have one. */
export interface OrdersSubgraph {
  url: string;
  stop(): Promise<void>;
}

export interface CustomerOrder {
  provider: string;
  id: string;
  description: string;
  amount: string;
  currency: string;
  /** ISO 8601. */
  placedAt: string;
}

/** Serves schema/orders.graphql with these orders, on a free port of the loopback interface. */
export async function startOrdersSubgraph(orders: readonly CustomerOrder[]): Promise<OrdersSubgraph> {
  const server = new ApolloServer({
    schema: await buildSchema(orders),
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginInlineTraceDisabled()],
  });
  const { url } = await startStandaloneServer(server, { listen: { host: "127.0.0.1", port: 0 } });
  return { url, stop: () => server.stop() };
}

async function buildSchema(orders: readonly CustomerOrder[]) {
  const sdl = await readFile(new URL("../../schema/orders.graphql", import.meta.url), "utf8");
  const resolvers = {
    Query: { orders: (_: unknown, { first }: { first: number }) => orders.slice(0, first) },
    Order: {
      __resolveReference: async ({ provider, id }: CustomerOrder) =>
        orders.find((order) => order.provider === provider && order.id === id) ?? null,
    },
  };
  return buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as never }]);
}
