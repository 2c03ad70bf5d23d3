import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { ApolloServer } from "@apollo/server";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import DataLoader from "dataloader";
import Fastify from "fastify";
import { parse } from "graphql";
import mercurius from "mercurius";

/**
 * `node peer.ts <name> <database file>`: a server as its own documentation shows it, with nothing around it: no authentication,
 * log, metrics or limits. It answers the same `_entities` out of the same rows, and prints its URL.
 */
interface Key {
  provider: string;
  id: string;
}

interface Context {
  records: DataLoader<Key, unknown, string>;
}

const [name = "", file = ""] = process.argv.slice(2);
const database = new DatabaseSync(file, { readOnly: true });
const statement = database.prepare(
  `select provider, order_id, status, attempts from cancellations where (provider, order_id) in
    (select json_extract(value, '$[0]'), json_extract(value, '$[1]') from json_each(?))`,
);
const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Order @key(fields: "provider id") { provider: String! id: ID! cancellation: Cancellation }
  type Cancellation { status: String! attempts: Int! }
  type Query { ready: Boolean }
`);

const constant = { __typename: "Order", cancellation: { status: "CANCELLED", attempts: 1 } };

type AnswerEntities = (root: unknown, args: { representations: readonly unknown[] }) => unknown;

const served: Readonly<Record<string, () => Promise<string>>> = {
  mercurius: () => serveMercurius(false),
  "mercurius-jit": () => serveMercurius(true),
  yoga: serveYoga,
  apollo: () => serveApollo(),
  "apollo-constant": () => serveApollo((_root, { representations }) => representations.map(() => constant)),
};
process.send?.(await served[name]?.());

function createSchema(entities?: AnswerEntities) {
  const Order = {
    __resolveReference: (reference: Key) => ({ provider: reference.provider, id: reference.id }),
    cancellation: (order: Key, _arguments: unknown, { records }: Context) => records.load(order),
  };
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: entities ? {} : ({ Order } as never) }]);
  const field = schema.getQueryType()?.getFields()._entities;
  if (entities && field) field.resolve = entities;
  return schema;
}

function createContext(): Context {
  return { records: new DataLoader(async (keys) => readAll(keys), { cacheKeyFn: textOf }) };
}

function readAll(keys: readonly Key[]): unknown[] {
  const rows = statement.all(JSON.stringify(keys.map(({ provider, id }) => [provider, id])));
  const found = new Map(rows.map((row) => [`${row.provider}:${row.order_id}`, row]));
  return keys.map((key) => found.get(textOf(key)) ?? null);
}

function textOf({ provider, id }: Key): string {
  return `${provider}:${id}`;
}

async function serveMercurius(jit: boolean): Promise<string> {
  const app = Fastify();
  app.register(mercurius, { schema: createSchema(), context: createContext, ...(jit ? { jit: 1 } : {}) });
  return `${await app.listen({ host: "127.0.0.1", port: 0 })}/graphql`;
}

async function serveYoga(): Promise<string> {
  // Not a name that TypeScript can follow: Yoga's types change those of graphql, everywhere in the project.
  const { createYoga } = await import("graphql-yoga" as string);
  const yoga = createYoga({ schema: createSchema(), context: createContext, logging: false });
  const server = createServer(yoga);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

async function serveApollo(entities?: AnswerEntities): Promise<string> {
  const apollo = new ApolloServer<Context>({ schema: createSchema(entities) });
  await apollo.start();
  const app = Fastify();
  const handler = fastifyApolloHandler(apollo, { context: async () => createContext() });
  app.route({ url: "/graphql", method: ["GET", "POST"], handler });
  return `${await app.listen({ host: "127.0.0.1", port: 0 })}/graphql`;
}
