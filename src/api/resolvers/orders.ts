import { Arg, Authorized, Ctx, Directive, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { type ProviderName, providerNames } from "../../providers/registry.ts";
import { checkPermissions } from "../authorization.ts";
import { Cancellability, keptSeconds, resolveCancellability } from "../cancellability.ts";
import { canBeRecorded, type RequestContext } from "../context.ts";
import { OrderProvider } from "../enums.ts";
import { requestError } from "../errors.ts";
import { argumentBounds } from "../limits/argument-bounds.ts";
import { checkOrderIds, type NamedOrder, namedByIds, namedByKeys } from "../order-ids.ts";
import {
  Cancellation,
  CancellationEvent,
  CancellationProvider,
  CancelOrdersPayload,
  Order,
  OrderKeyInput,
  toOrder,
} from "../types.ts";

@Resolver()
export class RootResolver {
  @Authorized()
  @Query(() => Cancellation, {
    nullable: true,
    description: "The cancellation of one order, or null if none was ever requested here.",
  })
  async cancellation(
    @Ctx() { records, permissions }: RequestContext,
    @Arg("provider", () => OrderProvider, { description: "Where the order was placed." }) provider: ProviderName,
    @Arg("orderId", () => ID, { description: "The provider's id of the order." }) orderId: string,
  ): Promise<Cancellation | null> {
    const key = { provider, orderId };
    if (!canBeRecorded(key)) return null;
    if (!(await permissions.load(key))) throw requestError("FORBIDDEN", "This order is not yours.");
    return records.load(key);
  }

  @Authorized()
  @Directive(`@listSize(assumedSize: ${providerNames.length})`)
  @Query(() => [CancellationProvider], { description: "What each provider allows, and whether it is set up here." })
  cancellationProviders(@Ctx() { catalogue }: RequestContext): CancellationProvider[] {
    return catalogue();
  }

  @Authorized("orders:cancel")
  @Directive("@cost(weight: 10)")
  @Mutation(() => CancelOrdersPayload, {
    description: "Asks the provider to cancel these orders. orders[i] answers ids[i]. Safe to repeat.",
  })
  async cancelOrders(
    @Ctx() context: RequestContext,
    @Arg("provider", () => OrderProvider, { description: "Where the orders were placed." }) provider: ProviderName,
    @Arg("ids", () => [ID], { description: "The provider's ids of the orders. An id named twice is sent once." })
    ids: string[],
  ): Promise<CancelOrdersPayload> {
    return cancelNamed(namedByIds({ provider, ids }), context);
  }

  @Authorized("orders:cancel")
  @Directive("@cost(weight: 10)")
  @Mutation(() => CancelOrdersPayload, {
    description:
      "Asks several providers at once to cancel these orders. orders[i] answers orders[i]. The selection is checked as a whole, recorded together, and has one deadline. Safe to repeat.",
  })
  async cancelSelectedOrders(
    @Ctx() context: RequestContext,
    @Arg("orders", () => [OrderKeyInput], { description: "The orders. One named twice is sent once." })
    orders: OrderKeyInput[],
  ): Promise<CancelOrdersPayload> {
    return cancelNamed(namedByKeys({ orders }), context);
  }

  @Authorized()
  @Directive("@listSize(assumedSize: 500)")
  @Query(() => [Order], {
    description:
      "These orders, each with its cancellation. orders[i] answers orders[i]. Calls a provider only for `cancellability`.",
  })
  async selectedOrders(
    @Ctx() context: RequestContext,
    @Arg("orders", () => [OrderKeyInput], { description: "The orders. One named twice is answered twice." })
    orders: OrderKeyInput[],
  ): Promise<Order[]> {
    const named = namedByKeys({ orders });
    checkOrderIds(named, context.maxIdsPerRequest);
    await checkPermissions(context, named);
    return orders.map(({ provider, id }) => ({ provider, id }));
  }
}

/** All checks of a mutation were made before it runs. */
async function cancelNamed(orders: readonly NamedOrder[], context: RequestContext): Promise<CancelOrdersPayload> {
  const records = await context.cancelTogether.answer(orders);
  return {
    orders: records.map((record) => toOrder(record, record, context.pauses)),
  };
}

@Resolver(() => Order)
export class OrderResolver {
  @FieldResolver(() => Cancellation, {
    nullable: true,
    description: "Read from our record; never calls the provider. Null if no cancellation was requested here.",
  })
  cancellation(
    @Root() { known, provider, id }: Order,
    @Ctx() { records }: RequestContext,
  ): Cancellation | null | Promise<Cancellation | null> {
    return known === undefined ? records.load({ provider, orderId: id }) : known;
  }

  @Directive("@cost(weight: 20)")
  @FieldResolver(() => Cancellability, {
    nullable: true,
    description:
      "Whether it can still be cancelled: by our record, or else by what the provider says. A request waits 2.5 s for providers at the most, and asks about 100 orders at the most; the rest is UNKNOWN until it is asked for again. A subscription asks no provider. Null only if this graph does not serve the provider.",
  })
  cancellability(
    @Root() order: Order,
    @Ctx() context: RequestContext,
    @Arg("maxAge", () => Int, {
      defaultValue: keptSeconds,
      description:
        "How old, in seconds, a word of the provider may be that can still change. 0 asks anew; above 15 means 15. What never changes any more is kept for an hour.",
    })
    maxAge: number,
  ): Promise<Cancellability | null> {
    return resolveCancellability(order, { maxAge }, context);
  }
}

/** With this part of their history, 500 orders pass the limit of an answer's size. A cancel that goes well has four steps. */
const defaultLast = 10;

@Resolver(() => Cancellation)
export class CancellationResolver {
  @FieldResolver(() => Order, { description: "The order that this is about." })
  order(@Root() known: Cancellation): Order {
    const { provider, orderId } = known.record;
    return { provider, id: orderId, known };
  }

  @Directive('@listSize(slicingArguments: ["last"], requireOneSlicingArgument: false)')
  @FieldResolver(() => [CancellationEvent], { description: "What happened: the latest steps, oldest first." })
  history(
    @Root() { record }: Cancellation,
    @Ctx() { histories }: RequestContext,
    @Arg("last", () => Int, {
      defaultValue: defaultLast,
      description: `How many steps, from ${argumentBounds.last?.join(" to ")}. Earlier ones are left out.`,
    })
    last: number,
  ): Promise<CancellationEvent[]> {
    return histories(last).load(record);
  }
}
