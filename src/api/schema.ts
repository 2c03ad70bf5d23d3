import "reflect-metadata";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { printSchemaWithDirectives } from "@graphql-tools/utils";
import { type GraphQLSchema, lexicographicSortSchema, parse } from "graphql";
import { buildSchema, createResolversMap } from "type-graphql";
import { checkScopes } from "./authorization.ts";
import type { RequestContext } from "./context.ts";
import { useExactIds } from "./limits/exact-ids.ts";
import { BackOfficeResolver } from "./resolvers/back-office.ts";
import { CountResolver } from "./resolvers/counts.ts";
import { resolveEntities } from "./resolvers/entities.ts";
import { CancellationResolver, OrderResolver, RootResolver } from "./resolvers/orders.ts";
import { RecheckResolver } from "./resolvers/recheck-cancellations.ts";
import { ResolutionResolver } from "./resolvers/resolve-cancellation.ts";
import { PauseResolver } from "./resolvers/set-provider-paused.ts";
import { SubscriptionResolver } from "./resolvers/subscription.ts";
import { ViewerResolver } from "./resolvers/viewer.ts";
import type { Cancellation, Order } from "./types.ts";

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
      PauseResolver,
      RecheckResolver,
      CountResolver,
      ViewerResolver,
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
  resolveDirectly(resolvers as Record<string, Record<string, unknown>>);
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as never }]);
  useExactIds(schema);
  resolveEntities(schema);
  return { sdl, schema };
}

function noTopics(): never {
  throw new Error("no subscription has topics");
}

/** These run for every order of an answer. They need nothing of what type-graphql does before it calls them, which takes longer. */
function resolveDirectly(resolvers: Record<string, Record<string, unknown>>): void {
  const orders = new OrderResolver();
  const cancellations = new CancellationResolver();
  Object.assign(resolvers.Order ?? {}, {
    cancellation: (order: Order, _args: unknown, context: RequestContext) => orders.cancellation(order, context),
    cancellability: (order: Order, args: { maxAge: number }, context: RequestContext) =>
      orders.cancellability(order, context, args.maxAge),
  });
  Object.assign(resolvers.Cancellation ?? {}, {
    order: (cancellation: Cancellation) => cancellations.order(cancellation),
    history: (cancellation: Cancellation, { last }: { last: number }, context: RequestContext) =>
      cancellations.history(cancellation, context, last),
  });
}
