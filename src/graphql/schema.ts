import "reflect-metadata";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { printSchemaWithDirectives } from "@graphql-tools/utils";
import { type GraphQLSchema, lexicographicSortSchema, parse } from "graphql";
import { buildSchema, createResolversMap } from "type-graphql";
import { checkScopes } from "./authorization.ts";
import { BackOfficeResolver } from "./back-office.ts";
import { guardEntities } from "./entities.ts";
import { useExactIds } from "./exact-ids.ts";
import { ResolutionResolver } from "./resolve-cancellation.ts";
import { CancellationResolver, OrderResolver, RootResolver } from "./resolvers.ts";
import { SubscriptionResolver } from "./subscription.ts";
import type { Order } from "./types.ts";

/** 2.9 is the highest version that Apollo's, The Guild's and Cosmo's composition all accept (tried 2026-11-21). */
const header = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@cost", "@listSize", "@tag"])
`;

/** The subgraph: its SDL as `schema/` keeps it, and the schema that serves it. */
export async function buildSubgraph(): Promise<{ sdl: string; schema: GraphQLSchema }> {
  const inner = await buildSchema({
    resolvers: [
      RootResolver,
      OrderResolver,
      CancellationResolver,
      BackOfficeResolver,
      ResolutionResolver,
      SubscriptionResolver,
    ],
    // type-graphql demands one for any subscription. Ours has a stream of its own.
    pubSub: { publish: () => {}, subscribe: noTopics },
    validate: false,
    authChecker: checkScopes,
    // Federation's directives are unknown before buildSubgraphSchema adds them.
    skipCheck: true,
  });
  // Sorted: type-graphql prints inline arguments in reverse.
  const sdl = `${header}\n${printSchemaWithDirectives(lexicographicSortSchema(inner))}\n`;
  const resolvers = createResolversMap(inner);
  const order = resolvers.Order as Record<string, unknown>;
  order.__resolveReference = async ({ provider, id }: Order): Promise<Order> => ({ provider, id: String(id) });
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as never }]);
  useExactIds(schema);
  guardEntities(schema);
  return { sdl, schema };
}

function noTopics(): never {
  throw new Error("no subscription has topics");
}
